import FederatedCore
import Foundation
import StudyProtocol
import Testing

@testable import ConsiliumCommands

struct PolicyOptionTests {
  private let sites = [SiteID("HT"), SiteID("WR")]

  /// Reads `values`, in which `strict` and `open` represent files.
  private func policies(_ values: [String]) throws -> [SiteID: Int] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, patients) in [("strict", 20), ("open", 1)] {
      try "release: {minimum-patients: \(patients)}\n".write(
        to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let values = values.map {
      $0.replacing("strict", with: folder.path + "/strict").replacing("open", with: folder.path + "/open")
    }
    return try PolicyOption(values: values).policies(of: sites).mapValues(\.release.minimumPatients)
  }

  @Test func fileAloneAppliesToAllSites() throws {
    #expect(try policies([]) == [:])
    #expect(try policies(["strict"]) == [sites[0]: 20, sites[1]: 20])
  }

  @Test func namedSiteGetsItsOwnPolicy() throws {
    #expect(try policies(["HT=strict"]) == [sites[0]: 20])
    #expect(try policies(["WR=open", "strict"]) == [sites[0]: 20, sites[1]: 1])
  }

  @Test(arguments: [["XX=strict"], ["strict", "open"], ["HT=strict", "HT=open"]])
  func rejectsContradictions(values: [String]) {
    let error = #expect(throws: ConsiliumError.self) { try policies(values) }
    #expect(error?.code == .invalidInput)
  }
}
