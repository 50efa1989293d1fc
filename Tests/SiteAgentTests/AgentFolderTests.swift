import FederatedCore
import Foundation
import Testing

@testable import SiteAgent

struct AgentFolderTests {
  @Test func otherStudiesCountsAgreedStudies() throws {
    let folder = try AgentFiles().folder
    #expect(folder.otherStudies(than: "lgg") == 0)
    let agreed = AgreedStudy(digest: "5d", proposal: "3c", site: "{}", dataRoot: "/data")
    for id in ["lgg", "lgg-2", "hip"] { try folder.save(agreed, id) }
    // One study was only reviewed; the other was signed and then declined before training.
    _ = try folder.nextRevision("heart")
    try folder.removeAgreement("hip")
    #expect(folder.otherStudies(than: "lgg") == 1)
    #expect(folder.otherStudies(than: "heart") == 2)
    // A withdrawal after training does not undo what was learnt from the data.
    try FileManager.default.createDirectory(
      at: folder.study("lgg").appending(path: "journal"), withIntermediateDirectories: true)
    try folder.removeAgreement("lgg")
    #expect(try folder.agreement("lgg") == nil)
    #expect(folder.otherStudies(than: "heart") == 2)
  }

  /// Another salt would change the digests of the site's data, and hashes of its patients.
  @Test func saltThatCannotBeReadIsNotReplaced() throws {
    let files = try AgentFiles()
    defer { withExtendedLifetime(files) {} }
    let folder = files.folder
    let salt = try folder.patientSalt()
    #expect(try folder.patientSalt() == salt)
    let file = folder.url.appending(path: "patient-salt")
    unlink(file.path)
    // A link that leads to itself cannot be read.
    symlink(file.path, file.path)
    let error = #expect(throws: ConsiliumError.self) { try folder.patientSalt() }
    #expect(error?.code == .storage)
    #expect(error?.message.hasPrefix("cannot read '\(file.path)'") == true)
  }

  @Test func agreementThatCannotBeReadIsNotTakenForNone() throws {
    let files = try AgentFiles()
    defer { withExtendedLifetime(files) {} }
    let folder = files.folder
    try folder.save(AgreedStudy(digest: "5d", proposal: "3c", site: "{}", dataRoot: "/data"), "lgg")
    let file = try folder.study("lgg").appending(path: "agreed.json")
    unlink(file.path)
    symlink(file.path, file.path)
    let error = #expect(throws: ConsiliumError.self) { try folder.agreement("lgg") }
    #expect(error?.code == .storage)
  }

  @Test func endedStudyKeepsNoTransferFiles() throws {
    let files = try AgentFiles()
    let study = try files.folder.study("lgg")
    for name in ["transfer/fedavg", "exchange/fedavg", "journal/fedavg", "models"] {
      try FileManager.default.createDirectory(
        at: study.appending(path: name), withIntermediateDirectories: true)
    }
    try files.folder.removeTransfers("lgg")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: study.path).sorted() == ["journal", "models"])
  }
}
