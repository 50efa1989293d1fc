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
