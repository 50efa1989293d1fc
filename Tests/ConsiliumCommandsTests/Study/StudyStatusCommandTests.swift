import CoordinatorDashboard
import Credentials
import FederatedCore
import Foundation
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite struct StudyStatusCommandTests {
  /// The same words as on the overview and the study's page.
  @Test func namesLateSiteAsOnTheDashboard() {
    let time = Date(timeIntervalSince1970: 1_800_000_000)
    var study = StudyStatus(
      id: "clinic", name: "clinic", version: 1, title: "Clinic", digest: "",
      lead: Party(role: .lead, name: "Anna Müller"), state: .running, reason: "", decisions: [],
      readiness: [],
      forecast: [], arms: [.init(name: "local-north", round: 1, rounds: 9)])
    (study.phase, study.round, study.rounds) = (.running, 3, 9)
    study.waiting = [
      StudyWait(
        site: SiteID("south"), work: .training, arm: "fedavg", round: 4, since: time, lateSince: time + 60,
        dropsAt: time + 600, isRequired: false),
      StudyWait(
        site: SiteID("north"), work: .validation, arm: "fedavg", round: 4, since: time, isRequired: true),
    ]
    #expect(
      study.text(now: time + 120).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
        "clinic: Running, 3 of 9 rounds", "Clinic",
        "south is late with training round 4 of FedAvg: asked 15 Jan 2027, 08:00 UTC (2 min ago), late since 08:01 UTC. "
          + "It will be dropped at 08:10 UTC (in 8 min), unless it answers.", "Local: north: round 1/9",
      ])
    for phase in StudyPhase.allCases {
      study.phase = phase
      #expect(study.text().hasPrefix("clinic: \(study.shownState.title)"))
      #expect(study.shownState.rawValue == phase.rawValue)
    }
    study.phase = nil
    #expect(study.shownState == .running)
  }

  @Test func foreignTextStaysOnItsLine() {
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
        clinic: Paused: a full disk clinic: finished
          A title\u{FFFD}[2J
          north declined ( clinic: finished)

        site north\u{FFFD}  Connected
        """)
  }
}
