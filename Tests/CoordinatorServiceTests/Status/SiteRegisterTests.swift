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

  @Test func aRestartOfAnAgentTakesOver() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder/2"), from: site, at: start)
    try register.touch("folder/2", site, at: start)
    #expect(register.entries[site]?.process == "folder/2")
  }

  @Test func anAgentOnACopyOfTheFolderIsTurnedAway() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder/2"), from: site, at: start)
    // What a restart has replaced does not speak any more: there are two.
    try register.touch("folder/1", site, at: start)
    for process in ["folder/2", "folder/3"] {
      let error = #expect(throws: ConsiliumError.self) { try register.touch(process, site, at: start + 30) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("a copy of this agent's folder acts for site 'north'") == true)
    }
    try register.touch("folder/1", site, at: start + 40)
    // Once the first is gone, another may follow it.
    try register.join(hello("folder/4"), from: site, at: start + 101)
    try register.touch("folder/4", site, at: start + 101)
  }

  @Test func aCommandOfTheFolderDisturbsNobody() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    try register.join(hello("folder"), from: site, at: start)
    try register.touch("folder/1", site, at: start)
  }

  @Test func anotherFolderWaitsUntilTheFirstIsQuiet() throws {
    var register = SiteRegister(takeover: .seconds(60))
    try register.join(hello("folder/1"), from: site, at: start)
    #expect(throws: ConsiliumError.self) { try register.join(hello("other/1"), from: site, at: start + 59) }
    try register.join(hello("other/1"), from: site, at: start + 61)
    #expect(register.entries[site]?.process == "other/1")
  }
}
