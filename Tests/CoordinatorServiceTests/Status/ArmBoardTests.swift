import FederatedCore
import FederatedRuntime
import Foundation
import Testing

@testable import CoordinatorService

@Suite struct ArmBoardTests {
  private let now = Date(timeIntervalSince1970: 1_000_000)
  private let north = SiteID("north")
  private let south = SiteID("south")

  @Test func showsTheWorkOfEachSiteInTheRound() {
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
      .init(
        site: north, stage: .training, step: 6, steps: 10, loss: 0.5, examplesPerSecond: 20, since: now),
      .init(site: south, stage: .dropped, note: "late"),
    ]
    #expect(board.arms == [arm])

    board.take(
      .siteFinished(
        arm: "fedavg", round: 3, site: north,
        .init(exampleCount: 100, stepCount: 10, loss: 0.4, seconds: 1)), at: now + 5)
    #expect(board.arms.first?.sites.first?.since == now + 5)
    // Every site has trained or was dropped, so validation begins.
    #expect(board.arms.first?.sites.map(\.stage) == [.validating, .dropped])
    // The last step is shown, although the site's last report was of step six.
    #expect(board.arms.first?.sites.first?.step == 10)
  }

  @Test func sitesFinishValidationOneByOne() {
    var board = ArmBoard()
    board.take(.armStarted(arm: "fedavg", sites: [north, south], rounds: 5, resumedAfter: 0), at: now)
    board.take(.roundStarted(arm: "fedavg", round: 1, rounds: 5), at: now)
    let summary = TrainingSummary(exampleCount: 100, stepCount: 10, loss: 0.4, seconds: 1)
    for (offset, site) in [north, south].enumerated() {
      board.take(.siteStarted(arm: "fedavg", round: 1, site: site), at: now)
      board.take(.siteFinished(arm: "fedavg", round: 1, site: site, summary), at: now + Double(offset))
    }
    #expect(board.arms[0].sites.map(\.stage) == [.validating, .validating])
    #expect(board.arms[0].sites.map(\.since) == [now + 1, now + 1])
    let evaluation = SiteEvaluation(patientCount: 1, exampleCount: 1, loss: nil, metrics: [])
    board.take(.siteValidated(arm: "fedavg", round: 1, site: north, evaluation), at: now + 2)
    board.take(.siteDropped(arm: "fedavg", round: 1, site: south, reason: "late"), at: now + 3)
    #expect(board.arms[0].sites.map(\.stage) == [.delivered, .dropped])
    #expect(board.arms[0].sites.allSatisfy { $0.since == nil })
  }

  @Test func roundsFromBeforeARestartAreRestored() {
    var board = ArmBoard()
    let records = (1...7).map { round in
      var selection = SelectionState()
      selection.score = 0.5
      return RoundRecord(
        arm: "fedavg", round: round, learningRate: 0.1, selection: selection, seconds: Double(round))
    }
    board.restore(records, of: "fedavg", rounds: 9, hasEnded: false)
    #expect(board.arms[0].round == 7 && board.arms[0].rounds == 9 && !board.arms[0].hasEnded)
    // The mean of 3, 4, 5, 6 and 7.
    #expect(board.arms[0].recentSeconds == 5)
    #expect(board.arms[0].score == 0.5)
  }

  @Test func restClearsAllWork() {
    var board = ArmBoard()
    board.take(.roundStarted(arm: "tests", round: 2, rounds: 3), at: now)
    board.take(.roundStarted(arm: "fedavg", round: 3, rounds: 5), at: now)
    board.take(.siteStarted(arm: "fedavg", round: 3, site: north), at: now)
    board.rest()
    #expect(board.arms.map(\.name) == ["fedavg"])
    #expect(board.arms[0].round == 2 && board.arms[0].roundBegan == nil && board.arms[0].sites.isEmpty)
  }

  @Test func committedRoundHasNoStartTime() {
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
