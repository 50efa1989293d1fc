import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct DataStatsTests {
  /// The expected values come from Python's `statistics` on the same rows.
  @Test func summarisesElements() async throws {
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

  @Test func tableNamesUnits() async {
    let printed = await consilium("data", "stats", Fixtures.file("clinic/study.yaml"))
    #expect(printed.out.split(separator: "\n").count == 7)
    #expect(printed.out.contains(" year\n"))
  }

  @Test func absentDataAreNotSummarisedAsZeros() async throws {
    try await withTemporaryFolder { folder in
      for file in ["study.yaml", "sites.yaml"] {
        try FileManager.default.copyItem(
          atPath: Fixtures.file("clinic/\(file)"), toPath: folder.appending(path: file).path)
      }
      let lines = try String(contentsOfFile: Fixtures.file("clinic/patients.csv"), encoding: .utf8)
        .split(separator: "\n")
      // A disease code that the study does not define.
      let broken = lines.enumerated().map {
        $0.offset == 0 ? String($0.element) : $0.element.dropLast() + "9"
      }
      try broken.joined(separator: "\n").write(
        to: folder.appending(path: "patients.csv"), atomically: true, encoding: .utf8)
      let printed = await consilium("data", "stats", folder.appending(path: "study.yaml").path)
      #expect(printed.status == 2 && printed.out.isEmpty)
      #expect(printed.err.contains("nothing was read: all 40 records were left out"), "\(printed.err)")
    }
  }
}
