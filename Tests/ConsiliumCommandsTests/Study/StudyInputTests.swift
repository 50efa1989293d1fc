import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct StudyInputTests {
  private func resolve(_ arguments: [String], environment: [String: String] = [:]) throws
    -> StudyInput.Resolved
  {
    try StudyInput.parse(arguments).resolve(environment: environment)
  }

  @Test func findsSitesAndDataNextToTheStudy() throws {
    let input = try resolve([Fixtures.file("clinic/study.yaml")])
    #expect(input.sites.map(\.name.rawValue) == ["first", "second"])
    #expect(input.dataRoot.lastPathComponent == "clinic")
    #expect(input.studyText.hasPrefix("# A tiny study"))
    #expect(input.study.arms == ["local", "pooled", "fedavg"])
  }

  @Test func usesDataFromTheEnvironmentIfPresent() async throws {
    try await withTemporaryFolder { folder in
      let environment = ["CONSILIUM_DATA": folder.path]
      // The study's data do not exist yet, so the site file's own folder is used.
      var input = try resolve([Fixtures.file("clinic/study.yaml")], environment: environment)
      #expect(input.dataRoot.lastPathComponent == "clinic")
      try FileManager.default.copyItem(
        atPath: Fixtures.file("clinic/patients.csv"), toPath: folder.appending(path: "patients.csv").path)
      input = try resolve([Fixtures.file("clinic/study.yaml")], environment: environment)
      #expect(input.dataRoot.path == folder.path)
    }
  }

  @Test func errorNamesTheSearchedFolders() async throws {
    try await withTemporaryFolder { folder in
      for file in ["study.yaml", "sites.yaml"] {
        try FileManager.default.copyItem(
          atPath: Fixtures.file("clinic/\(file)"), toPath: folder.appending(path: file).path)
      }
      let error = #expect(throws: ConsiliumError.self) {
        try resolve([folder.appending(path: "study.yaml").path])
      }
      #expect(error?.exitStatus == 2)
      #expect(error?.message.contains("--data or CONSILIUM_DATA") == true)
    }
  }

  @Test func findsSiteByName() throws {
    let input = try resolve([Fixtures.file("clinic/study.yaml")])
    #expect(try input.sites(named: "second").map(\.name) == [SiteID("second")])
    #expect(try input.sites(named: nil).count == 2)
    let error = #expect(throws: ConsiliumError.self) { try input.sites(named: "third") }
    #expect(error?.message == "there is no site 'third'; the site file has first, second")
  }
}
