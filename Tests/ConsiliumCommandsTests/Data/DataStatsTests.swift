import Foundation
import Testing

@testable import ConsiliumCommands

@Suite struct DataStatsTests {
  /// The expected values are those of Python's `statistics` on the same rows.
  @Test func elementsAreSummarised() async throws {
    let printed = await consilium(
      "data", "stats", Fixtures.file("clinic/study.yaml"), "--site", "first", "--json")
    #expect(printed.status == 0)
    let lines = try printed.out.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["element"] as? String } == ["age", "marker", "disease"])
    let age = try #require(lines[0]["numbers"] as? [String: Double])
    #expect(abs(try #require(age["mean"]) - 54.275) < 1e-9)
    #expect(abs(try #require(age["standardDeviation"]) - 16.838581309386505) < 1e-9)
    #expect(age["low"] == 25 && age["high"] == 80)
    let counts = try #require(lines[2]["counts"] as? [[String: Any]])
    #expect(counts.map { $0["records"] as? Int } == [22, 18])
  }

  @Test func theTableNamesUnits() async {
    let printed = await consilium("data", "stats", Fixtures.file("clinic/study.yaml"))
    #expect(printed.out.split(separator: "\n").count == 7)
    #expect(printed.out.contains(" year\n"))
  }
}
