import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import Testing

@testable import CoordinatorService

struct SiteRegisterTests {
  private let site = SiteID("north")
  private let start = Date(timeIntervalSince1970: 1_800_000_000)

  private func hello(_ process: String) -> SiteHello {
    SiteHello(programVersion: "1", clock: start, process: process)
  }

  @Test func restartedAgentTakesOver() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder/2"), from: site, at: start)
    try register.touch("folder/2", site, at: start)
    #expect(register.entries[site]?.process == "folder/2")
  }

  @Test func agentOnACopiedFolderIsRefused() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder/2"), from: site, at: start)
    // A start that was replaced is heard from again, so there are two agents.
    try register.touch("folder/1", site, at: start)
    for process in ["folder/2", "folder/3"] {
      let error = #expect(throws: ConsiliumError.self) { try register.touch(process, site, at: start + 30) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("a copy of this agent's folder acts for site 'north'") == true)
    }
    try register.touch("folder/1", site, at: start + 40)
    // Once the first agent goes quiet, another may take over.
    try register.join(hello("folder/4"), from: site, at: start + 101)
    try register.touch("folder/4", site, at: start + 101)
  }

  @Test func commandInTheAgentsFolderDoesNotReplaceTheAgent() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder"), from: site, at: start)
    try register.touch("folder/1", site, at: start)
  }

  @Test func agentInAnotherFolderIsRefusedUntilTheFirstIsQuiet() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    #expect(throws: ConsiliumError.self) { try register.join(hello("other/1"), from: site, at: start + 59) }
    try register.join(hello("other/1"), from: site, at: start + 61)
    #expect(register.entries[site]?.process == "other/1")
  }

  @Test func sitesFromBeforeARestartAreAwayUntilTheyJoin() throws {
    let authority = try TestAuthority(notBefore: start - 86_400, notAfter: start + 86_400)
    let identity = try authority.identity(.site, "north", notBefore: start - 3600, notAfter: start + 3600)
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sqlite")
    defer { try? FileManager.default.removeItem(at: file) }
    let known = KnownSite(programVersion: "0.9", lastSeen: start - 60, certificate: identity.certificate)
    let database = try CoordinatorDatabase(file)
    try database.save(known, named: site)
    try database.save(KnownSite(programVersion: "0.8", lastSeen: start, certificate: nil), named: SiteID("a"))
    var register = SiteRegister(takeover: .seconds(60))
    register.remember(try database.knownSites())
    try database.close()

    let before = register.status(at: start, by: authority.authority)
    #expect(before.map(\.site.rawValue) == ["a", "north"])
    #expect(before[1].programVersion == "0.9" && before[1].lastSeen == start - 60 && !before[1].isConnected)
    #expect(before[1].certificateExpires == identity.certificate.notAfter && !before[1].isRevoked)
    try register.join(hello("folder/1"), from: site, at: start)
    let after = register.status(at: start, by: authority.authority)
    #expect(after.count == 2 && after[1].isConnected && after[1].programVersion == "1")
    let revoking = try authority.authority.updated(with: authority.revoking([identity]))
    var late = SiteRegister(takeover: .seconds(60))
    late.remember([site: known])
    #expect(late.status(at: start, by: revoking).map(\.isRevoked) == [true])
  }
}
