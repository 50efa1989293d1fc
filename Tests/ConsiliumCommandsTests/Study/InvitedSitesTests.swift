import FederatedCore
import Foundation
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite struct InvitedSitesTests {
  private func status(_ sites: [String], revoked: [String] = []) -> CoordinatorStatus {
    CoordinatorStatus(
      consortium: "test", version: "0", studies: [],
      sites: sites.map {
        SiteStatus(
          site: SiteID($0), isConnected: false, lastSeen: Date(), programVersion: "0", clockSkew: 0,
          certificateExpires: nil,
          isRevoked: revoked.contains($0))
      })
  }

  @Test func invitesKnownSites() throws {
    let invited = try InvitedSites("north, south")
    #expect(invited.names.map(\.rawValue) == ["north", "south"])
    try invited.check(status(["east", "north", "south"]), allowsUnknown: false)
  }

  @Test func rejectsUnknownSiteWithTheNearestName() throws {
    let invited = try InvitedSites("north,soutth")
    let error = #expect(throws: ConsiliumError.self) {
      try invited.check(status(["north", "south"]), allowsUnknown: false)
    }
    #expect(error?.code == .invalidInput)
    let message = error?.message ?? ""
    #expect(message.hasPrefix("site 'soutth' never joined this coordinator"))
    for part in [
      "Did you mean 'south'?", "Known sites: north, south.", "Nothing was proposed", "--allow-unknown",
    ] {
      #expect(message.contains(part), "\(message)")
    }
    try invited.check(status(["north"]), allowsUnknown: true)
  }

  @Test func messageStatesThatNoSiteIsKnown() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try InvitedSites("north,south").check(status([]), allowsUnknown: false)
    }
    #expect(error?.message.contains("sites 'north', 'south' never joined") == true)
    #expect(error?.message.contains("Known sites: none yet.") == true)
  }

  @Test func rejectsRevokedSite() throws {
    let error = #expect(throws: ConsiliumError.self) {
      try InvitedSites("north").check(status(["north"], revoked: ["north"]), allowsUnknown: false)
    }
    #expect(error?.message.contains("the certificate of site 'north' was revoked") == true)
  }

  @Test(arguments: ["", ",", " , "]) func rejectsEmptyInvitation(text: String) {
    #expect(throws: ConsiliumError.self) { try InvitedSites(text) }
  }
}
