import FederatedCore
import FederatedRuntime
import Foundation
import Testing

@testable import CoordinatorService

@Suite struct ArmBoardTests {
  private let now = Date(timeIntervalSince1970: 1_000_000)
  private let north = SiteID("north")
  private let south = SiteID("south")

  @Test func tellsWhatEachSiteDoesInTheRound() {
    var board = ArmBoard()
    let events: [RunEvent] = [
      .armStarted(arm: "fedavg", sites: [north, south], rounds: 5, resumedAfter: 2),
      .roundStarted(arm: "fedavg", round: 3, rounds: 5),
      .siteStarted(arm: "fedavg", round: 3, site: north),
      .siteStarted(arm: "fedavg", round: 3, site: south),
      .siteProgress(
        arm: "fedavg", round: 3, site: north,
        .init(step: 6, stepCount: 10, loss: 0.5, examplesPerSecond: 20)),
      .siteDropped(arm: "fedavg", round: 3, site: south, reason: "late"),
    ]
    for event in events { board.take(event, at: now) }
    var arm = StudyStatus.Arm(name: "fedavg", round: 2, rounds: 5, roundBegan: now)
    arm.sites = [
      .init(site: north, stage: .training, step: 6, steps: 10, loss: 0.5, examplesPerSecond: 20),
      .init(site: south, stage: .dropped, note: "late"),
    ]
    #expect(board.arms == [arm])

    board.take(
      .siteFinished(
        arm: "fedavg", round: 3, site: north,
        .init(exampleCount: 100, stepCount: 10, loss: 0.4, seconds: 1)), at: now)
    #expect(board.arms.first?.sites.first?.stage == .delivered)
    // Done, although the site told of no step after the sixth.
    #expect(board.arms.first?.sites.first?.step == 10)
  }

  @Test func aCommittedRoundIsNotUnderWay() {
    var board = ArmBoard()
    board.take(.roundStarted(arm: "fedavg", round: 1, rounds: 2), at: now)
    #expect(board.arms.first?.roundBegan == now)
    board.take(.roundCommitted(RoundRecord(arm: "fedavg", round: 1, learningRate: 0.1)), at: now)
    #expect(board.arms.first?.roundBegan == nil)
    #expect(board.arms.first?.round == 1)
    board.take(
      .armFinished(arm: "fedavg", rounds: 2, bestRound: 1, modelDigest: "", stoppedEarly: false), at: now)
    #expect(board.arms.first?.hasEnded == true)
  }
}
