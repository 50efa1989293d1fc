import FederatedRuntime
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

/// The worker program, which a build of the whole package puts next to the tests.
private enum Engine {
  static var isBuilt: Bool {
    FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)
  }
}

/// Runs a study from its file to the report, with a real worker process.
@Suite(.enabled(if: Engine.isBuilt), .serialized) struct WholePathTests {
  private let study = Fixtures.file("clinic/study.yaml")

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func dataAreCheckedAndCounted() async throws {
    let checked = await consilium("data", "check", study)
    #expect(checked.status == 0)
    #expect(checked.out.hasPrefix("site first: passed; records in training 26"))
    let index = try objects(await consilium("data", "index", study, "--json").out)
    #expect(index.map { $0["site"] as? String } == ["first", "second"])
  }

  @Test func invalidDataEndWithStatus2WithoutValues() async throws {
    try await withTemporaryFolder { folder in
      for file in ["study.yaml", "sites.yaml", "patients.csv"] {
        try FileManager.default.copyItem(
          atPath: Fixtures.file("clinic/\(file)"), toPath: folder.appending(path: file).path)
      }
      let table = folder.appending(path: "patients.csv")
      let text = try String(contentsOf: table, encoding: .utf8) + "second,419,1.0,1\n"
      try text.write(to: table, atomically: true, encoding: .utf8)
      let study = folder.appending(path: "study.yaml").path
      let checked = await consilium("data", "check", study)
      #expect(checked.status == 2)
      #expect(checked.out.contains("site second: FAILED"))
      #expect(checked.out.contains("age"))
      let run = await consilium("simulate", study, "--out", folder.appending(path: "run").path)
      #expect(run.status == 2)
      for text in [checked.out, checked.err, run.out, run.err] { #expect(!text.contains("419")) }
    }
  }

  @Test func resumedStudyYieldsTheSameModels() async throws {
    try await withTemporaryFolder { folder in
      let run = folder.appending(path: "run").path
      let first = await consilium("simulate", study, "--out", run, "--json")
      #expect(first.status == 0, "\(first.err)")
      let events = try objects(first.out)
      #expect(
        Set(events.compactMap { $0["event"] as? String }).isSuperset(of: [
          "site-checked", "round-committed", "finished",
        ]))
      let end = try #require(events.last)
      let arms = try #require(end["arms"] as? [[String: Any]])
      #expect(arms.count { $0["metric"] as? String == "auc" } == 3)

      let again = await consilium("simulate", study, "--out", run)
      #expect(again.status == 2)
      #expect(again.err.contains("--resume"))

      let resumed = await consilium("simulate", study, "--out", run, "--resume", "--json")
      #expect(resumed.status == 0)
      #expect(try modelDigests(objects(resumed.out)) == modelDigests(events))

      let other = await consilium(
        "simulate", study, "--out", folder.appending(path: "other").path, "--workers", "1", "--quiet",
        "--json")
      #expect(try modelDigests(objects(other.out)) == modelDigests(events))

      let compared = await consilium("compare", run)
      #expect(compared.status == 0)
      let file = folder.appending(path: "model.safetensors").path
      #expect(await consilium("model", "export", run, "--arm", "fedavg", "--out", file).status == 0)
      let imported = await consilium("model", "import", file, study, "--out", file + ".again")
      #expect(imported.status == 0, "\(imported.err)")
      #expect(try openToOthers(in: folder) == [])
    }
  }

  private func modelDigests(_ events: [[String: Any]]) throws -> [[String]] {
    let arms = try #require(events.last?["arms"] as? [[String: Any]])
    return try arms.map { try #require($0["models"] as? [String]) }
  }
}
