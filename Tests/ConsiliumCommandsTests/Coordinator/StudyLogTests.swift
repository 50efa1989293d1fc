import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Logging
import Testing

@testable import ConsiliumCommands

@Suite struct StudyLogTests {
  private func line(_ json: String) -> StudyLogLine? { StudyLogLine(Data(json.utf8)) }

  @Test func roundIsOneLineOfCountsAndDigests() throws {
    let record = RoundRecord(
      arm: "fedavg", round: 2, learningRate: 0.1,
      contributions: [
        Contribution(
          site: SiteID("north"), weight: 1, summary: .init(exampleCount: 9, stepCount: 1, loss: 1, seconds: 1)
        )
      ], dropped: [DroppedSite(site: SiteID("south"), reason: "late")], modelDigest: "abc", seconds: 1.5)
    let line = try #require(StudyLogLine(try WireJSON.encode(RunEvent.roundCommitted(record))))
    #expect(line.level == .notice)
    #expect(
      line.metadata == [
        "arm": "fedavg", "round": .stringConvertible(2), "model": "abc", "sites": "north", "dropped": "south",
        "seconds": "1.500",
      ])
  }

  @Test func leavesOutMomentaryEvents() throws {
    let step = RunEvent.siteProgress(
      arm: "fedavg", round: 1, site: SiteID("north"),
      .init(step: 1, stepCount: 2, loss: 1, examplesPerSecond: 1))
    #expect(StudyLogLine(try WireJSON.encode(step)) == nil)
    #expect(line("nothing") == nil)
  }

  @Test func failuresAndDroppedSitesAreWarnings() throws {
    let failed = line(#"{"event":"study-state","study":"s","state":"failed","reason":"why"}"#)
    #expect(failed?.level == .error)
    #expect(failed?.metadata == ["study": "s", "state": "failed", "reason": "why"])
    let dropped = line(#"{"event":"site-dropped","arm":"a","round":1,"site":"x","reason":"late"}"#)
    #expect(dropped?.level == .warning)
  }
}
