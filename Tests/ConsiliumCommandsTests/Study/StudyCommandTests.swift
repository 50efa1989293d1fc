import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct StudyCommandTests {
  @Test func namesAValidStudy() async {
    let path = Fixtures.file("clinic/study.yaml")
    let printed = await consilium("study", "validate", path)
    #expect(printed.status == 0)
    #expect(printed.out == "\(path): clinic version 3 is valid\n")
  }

  @Test func digestIgnoresCommentsAndOrder() async throws {
    try await withTemporaryFolder { folder in
      let text = try String(contentsOfFile: Fixtures.file("clinic/study.yaml"), encoding: .utf8)
      let other = folder.appending(path: "other.yaml")
      try text.replacing("# A tiny", with: "# Another").replacing(
        "{name: age, kind: number,", with: "{kind: number, name: age,"
      ).write(to: other, atomically: true, encoding: .utf8)
      let first = await consilium("study", "digest", Fixtures.file("clinic/study.yaml"))
      let second = await consilium("study", "digest", other.path)
      #expect(first.out == second.out)
      #expect(first.out.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
    }
  }

  @Test func reportsErrorsWithTheirPlaces() async throws {
    try await withTemporaryFolder { folder in
      let text = try String(contentsOfFile: Fixtures.file("clinic/study.yaml"), encoding: .utf8)
      let file = folder.appending(path: "study.yaml")
      try text.replacing("rounds: 3", with: "round: 3").write(to: file, atomically: true, encoding: .utf8)
      let printed = await consilium("study", "validate", file.path)
      #expect(printed.status == 2)
      #expect(printed.err.contains("study.yaml:27:3: error: federation.round: unknown key"))
      #expect(printed.err.contains("Did you mean 'rounds'?"))
      let json = await consilium("study", "validate", file.path, "--json")
      let lines = try json.err.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(lines.contains { $0["line"] as? Int == 27 && $0["path"] as? String == "federation.round" })
    }
  }

  @Test(arguments: ["validate", "digest"])
  func missingFileIsInvalidInput(command: String) async {
    let printed = await consilium("study", command, "nowhere.yaml")
    #expect(printed.status == 2)
    #expect(printed.err.contains("nowhere.yaml: error:"))
  }
}
