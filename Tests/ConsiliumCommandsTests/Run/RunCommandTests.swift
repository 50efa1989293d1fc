import Foundation
import ParameterFiles
import StudyProtocol
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct RunCommandTests {
  @Test(arguments: WorkflowDescriptor.table.map(\.name))
  func helpNamesEveryWorkflow(name: String) {
    #expect(Simulate.helpMessage(columns: 10_000).contains(", \(name)"))
  }

  @Test func printsAndRewritesAReport() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      let page = folder.appending(path: "report.html")
      try FileManager.default.removeItem(at: page)
      let printed = await consilium("report", folder.path)
      #expect(printed.status == 0)
      #expect(printed.out.contains("AUC on the sites' test patients"))
      #expect(printed.out.hasSuffix("\(page.path)\n"))
      #expect(FileManager.default.fileExists(atPath: page.path))
      let json = await consilium("report", folder.path, "--json")
      #expect(try JSONSerialization.jsonObject(with: Data(json.out.utf8)) is [String: Any])
    }
  }

  @Test func comparesRunsSideBySide() async throws {
    try await withTemporaryFolder { folder in
      let (one, two) = (folder.appending(path: "one"), folder.appending(path: "two"))
      try ExampleRun.write(to: one)
      try ExampleRun.write(to: two, auc: [0.6, 0.7, 0.9])
      let page = folder.appending(path: "comparison.html")
      let printed = await consilium("compare", one.path, two.path, "--html", page.path)
      #expect(printed.status == 0)
      #expect(printed.out.contains("one: fedavg"))
      #expect(printed.out.contains("two: fedavg"))
      #expect(try String(contentsOf: page, encoding: .utf8).contains("<html"))
    }
  }

  @Test func distinguishesRunsOfTheSameName() {
    #expect(Compare.labels(of: ["a/run", "b/run"]) == ["a/run", "b/run"])
    #expect(Compare.labels(of: ["a/first/", "b/second"]) == ["first", "second"])
  }

  @Test func modelsAreExported() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      let out = folder.appending(path: "out.safetensors")
      let printed = await consilium("model", "export", folder.path, "--arm", "fedavg", "--out", out.path)
      #expect(printed.status == 0)
      #expect(try ParameterFile.readModel(from: out) == ExampleRun.model(2))
      #expect(
        printed.out.contains("fedavg, round 2, SHA-256 \(ParameterDigest.sha256(of: ExampleRun.model(2)))"))
      let local = await consilium(
        "model", "export", folder.path, "--arm", "local", "--site", "second", "--out", out.path)
      #expect(local.status == 0)
      #expect(try ParameterFile.readModel(from: out) == ExampleRun.model(1))
    }
  }

  @Test(arguments: [
    (["--arm", "pooled"], "the run has no arm 'pooled'; it has local, fedavg"),
    (["--arm", "local"], "choose one with --site: first, second"),
    (["--arm", "local", "--site", "third"], "choose one with --site: first, second"),
    (["--arm", "fedavg", "--site", "first"], "leave out --site"),
  ])
  func modelsThatAreNotThereAreWrongInput(arguments: [String], words: String) async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      let err = Collected()
      let console = Console(write: { _ in }, writeError: err.append)
      let status = await Console.$current.withValue(console) {
        await Program.run(["model", "export", folder.path, "--out", "x.safetensors"] + arguments)
      }
      #expect(status == 2)
      #expect(err.text.contains(words))
    }
  }

  @Test func doesNotExportADamagedModel() async throws {
    try await withTemporaryFolder { folder in
      try ExampleRun.write(to: folder)
      try ParameterFile.write(ExampleRun.model(9), to: folder.appending(path: "models/fedavg.safetensors"))
      let printed = await consilium(
        "model", "export", folder.path, "--arm", "fedavg", "--out", folder.appending(path: "x").path)
      #expect(printed.status == 1)
      #expect(printed.err.contains("its digest differs"))
    }
  }

  @Test(arguments: [["report"], ["compare"], ["model", "export", "--arm", "fedavg", "--out", "x"]])
  func folderWithoutARunIsInvalidInput(command: [String]) async throws {
    try await withTemporaryFolder { folder in
      let err = Collected()
      let console = Console(write: { _ in }, writeError: err.append)
      let status = await Console.$current.withValue(console) { await Program.run(command + [folder.path]) }
      #expect(status == 2)
      #expect(err.text.contains("contains no report.json"))
    }
  }

  @Test(arguments: [["--rounds", "0"], ["--workers", "0"], ["--device", "tpu"], ["--seed", "-1"]])
  func rejectsInvalidNumbersBeforeRunning(arguments: [String]) async {
    let console = Console(write: { _ in }, writeError: { _ in })
    let status = await Console.$current.withValue(console) {
      await Program.run(["simulate", "nowhere.yaml", "--out", "nowhere"] + arguments)
    }
    #expect(status == 2)
  }
}
