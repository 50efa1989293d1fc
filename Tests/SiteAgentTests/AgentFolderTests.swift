import FederatedCore
import Foundation
import Testing

@testable import SiteAgent

struct AgentFolderTests {
  @Test func otherStudiesAreThoseThatTheSiteAgreedTo() throws {
    let folder = try AgentFiles().folder
    #expect(folder.otherStudies(than: "lgg") == 0)
    let agreed = AgreedStudy(digest: "5d", proposal: "3c", site: "{}", dataRoot: "/data")
    for id in ["lgg", "lgg-2", "hip"] { try folder.save(agreed, id) }
    // Looked at, but not signed; and signed, then declined.
    _ = try folder.nextRevision("heart")
    try folder.removeAgreement("hip")
    #expect(folder.otherStudies(than: "lgg") == 1)
    #expect(folder.otherStudies(than: "heart") == 2)
    // What has been learnt from the data stays learnt.
    try FileManager.default.createDirectory(
      at: folder.study("lgg").appending(path: "journal"), withIntermediateDirectories: true)
    try folder.removeAgreement("lgg")
    #expect(try folder.agreement("lgg") == nil)
    #expect(folder.otherStudies(than: "heart") == 2)
  }

  @Test func aStudyThatHasEndedKeepsNoFilesOnTheirWay() throws {
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
