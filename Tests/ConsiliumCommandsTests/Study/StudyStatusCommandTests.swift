import Credentials
import FederatedCore
import Foundation
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite struct StudyStatusCommandTests {
  @Test func whatOthersWroteStaysOnItsLine() {
    let study = StudyStatus(
      id: "clinic", name: "clinic", version: 1, title: "A title\u{1B}[2J", digest: "",
      lead: Party(role: .lead, name: "lead"), state: .paused, reason: "a full disk\nclinic: finished",
      decisions: [
        .init(site: SiteID("north"), isRequired: true, verdict: "declined", reason: "\rclinic: finished")
      ], readiness: [], forecast: [], arms: [])
    let status = CoordinatorStatus(
      consortium: "clinic", version: "1", studies: [study],
      sites: [
        SiteStatus(
          site: SiteID("north\u{1B}"), isConnected: true, programVersion: "1", clockSkew: 0, isRevoked: false)
      ])
    #expect(
      status.text == """
        clinic: paused: a full disk\u{FFFD}clinic: finished
          A title\u{FFFD}[2J
          north declined (\u{FFFD}clinic: finished)

        site north\u{FFFD}  connected
        """)
  }
}
