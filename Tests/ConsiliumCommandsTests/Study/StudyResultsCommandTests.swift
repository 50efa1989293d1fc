import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct StudyResultsCommandTests {
  @Test(arguments: [
    "report.html", "report.json", "rounds.csv", "matrix.csv", "gains.csv", "models/local-north.safetensors",
    "models/fedavg.manifest.json",
  ])
  func resultsGoIntoTheFolder(path: String) throws {
    let folder = URL(fileURLWithPath: "/nowhere", isDirectory: true)
    #expect(try StudyResultsCommand.target(of: path, in: folder).path == "/nowhere/\(path)")
  }

  @Test(arguments: [
    "", "identity", "identity/identity.key", "models", "models/", "models/.safetensors", "models/a.html",
    "models/../a.safetensors", "models/a/b.safetensors", "../report.html", "/report.html", "report.html\n",
  ])
  func noOtherFileIsReplaced(path: String) {
    let error = #expect(throws: ConsiliumError.self) {
      try StudyResultsCommand.target(of: path, in: URL(fileURLWithPath: "/nowhere", isDirectory: true))
    }
    #expect(error?.code == .invalidUpdate)
  }

  @Test func doesNotReplaceAFolder() async throws {
    try await withTemporaryFolder { folder in
      let (inTheWay, link) = (folder.appending(path: "report.html"), folder.appending(path: "rounds.csv"))
      try FileManager.default.createDirectory(at: inTheWay, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: inTheWay)
      for name in ["report.html", "rounds.csv"] {
        let error = #expect(throws: ConsiliumError.self) {
          try StudyResultsCommand.target(of: name, in: folder)
        }
        #expect(
          error?.message.hasSuffix("exists but is not a file; move it, or choose another folder with --out")
            == true)
      }
      try Data().write(to: folder.appending(path: "report.json"))
      #expect(throws: Never.self) { try StudyResultsCommand.target(of: "report.json", in: folder) }
    }
  }
}
