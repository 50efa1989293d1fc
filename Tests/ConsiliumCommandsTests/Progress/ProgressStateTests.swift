import FederatedCore
import FederatedRuntime
import Testing

@testable import ConsiliumCommands

@Suite struct ProgressBoardTests {
  let du = SiteID("DU")
  let ht = SiteID("HT")

  private func board(_ events: [(RunEvent, Int)]) -> ProgressState {
    var board = ProgressState()
    for (event, seconds) in events { board.apply(event, at: .seconds(seconds)) }
    return board
  }

  private func progress(_ step: Int, of steps: Int) -> TrainingProgress {
    TrainingProgress(step: step, stepCount: steps, loss: 0.5, examplesPerSecond: 100)
  }

  @Test func armAppearsWithItsSitesUntilItEnds() {
    var board = board([(.armStarted(arm: "fedavg", sites: [du, ht], rounds: 5, resumedAfter: 2), 0)])
    #expect(board.arms.map(\.name) == ["fedavg"])
    #expect(board.arms[0].committed == 2)
    #expect(board.arms[0].lanes == [.init(site: du), .init(site: ht)])
    board.apply(
      .armFinished(arm: "fedavg", rounds: 5, bestRound: 4, modelDigest: "aa", stoppedEarly: false),
      at: .seconds(9))
    #expect(board.arms.isEmpty)
  }

  @Test func timeLeftInARoundComesFromTheStepsSoFar() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du], rounds: 5, resumedAfter: 0), 0),
      (.siteStarted(arm: "fedavg", round: 1, site: du), 0),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(10, of: 100)), 10),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(30, of: 100)), 20),
    ])
    let lane = board.arms[0].lanes[0]
    // 20 steps took 10 s, so 70 more take 35 s, of which 5 s have passed.
    #expect(lane.secondsLeft(at: .seconds(25)) == 30)
    #expect(lane.secondsLeft(at: .seconds(100)) == 0)
  }

  @Test func timeLeftIsUnknownAfterOneReport() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du], rounds: 5, resumedAfter: 0), 0),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(10, of: 100)), 10),
    ])
    #expect(board.arms[0].lanes[0].secondsLeft(at: .seconds(11)) == nil)
    #expect(board.arms[0].secondsLeft == nil)
  }

  @Test func repeatedRequestRestartsItsEstimate() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du], rounds: 5, resumedAfter: 0), 0),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(50, of: 100)), 10),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(5, of: 100)), 20),
      (.siteProgress(arm: "fedavg", round: 1, site: du, progress(10, of: 100)), 25),
    ])
    #expect(board.arms[0].lanes[0].secondsLeft(at: .seconds(25)) == 90)
  }

  @Test func timeLeftOfAnArmComesFromTheRoundsOfThisProgram() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du], rounds: 10, resumedAfter: 4), 0),
      (.roundCommitted(RoundRecord(arm: "fedavg", round: 5, learningRate: 0.1, seconds: 10)), 10),
      (.roundCommitted(RoundRecord(arm: "fedavg", round: 6, learningRate: 0.1, seconds: 20)), 30),
    ])
    #expect(board.arms[0].secondsLeft == 60)
  }

  @Test func newRoundResetsEverySite() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du, ht], rounds: 5, resumedAfter: 0), 0),
      (.siteDropped(arm: "fedavg", round: 1, site: ht, reason: "no answer"), 1),
      (.roundStarted(arm: "fedavg", round: 2, rounds: 5), 2),
    ])
    #expect(board.arms[0].round == 2)
    #expect(board.arms[0].lanes.map(\.phase) == [.waiting, .waiting])
  }

  @Test func eventsOfUnknownArmsAndSitesChangeNothing() {
    let board = board([
      (.armStarted(arm: "fedavg", sites: [du], rounds: 5, resumedAfter: 0), 0),
      (.siteStarted(arm: "other", round: 1, site: du), 1),
      (.siteStarted(arm: "fedavg", round: 1, site: ht), 1),
    ])
    #expect(board.arms.count == 1)
    #expect(board.arms[0].lanes == [.init(site: du)])
  }
}
