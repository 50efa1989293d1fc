import FederatedCore
import Foundation
import Testing

@testable import SiteAgent

struct AgentFolderTests {
  @Test func otherStudiesAreThoseThatTheSiteAgreedTo() throws {
    let folder = try AgentFiles().folder
    #expect(folder.otherStudies(than: "lgg") == 0)
    let agreed = AgreedStudy(digest: "5d", site: "{}", dataRoot: "/data")
    for id in ["lgg", "lgg-2", "hip"] { try folder.save(agreed, id) }
    // Looked at, but not signed; and signed, then declined.
    _ = try folder.nextRevision("heart")
    try folder.removeAgreement("hip")
    #expect(folder.otherStudies(than: "lgg") == 1)
    #expect(folder.otherStudies(than: "heart") == 2)
  }
}
