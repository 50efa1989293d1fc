import FederatedCore
import FederatedRuntime
import Testing

@testable import ConsiliumCommands

@Suite struct ProgressLinesTests {
  private func board(sites: Int) -> ProgressState {
    var board = ProgressState()
    let names = (1...sites).map { SiteID("site-\($0)") }
    board.apply(.armStarted(arm: "fedavg", sites: names, rounds: 20, resumedAfter: 0), at: .zero)
    board.apply(.roundStarted(arm: "fedavg", round: 3, rounds: 20), at: .zero)
    for step in [10, 20] {
      let progress = TrainingProgress(step: step, stepCount: 40, loss: 0.41321, examplesPerSecond: 118.4)
      board.apply(
        .siteProgress(arm: "fedavg", round: 3, site: names[sites - 1], progress), at: .seconds(step))
    }
    return board
  }

  private func lines(_ board: ProgressState, columns: Int = 120, rows: Int = 24, colour: Bool = false)
    -> [String]
  {
    ProgressLines(hasColour: colour).lines(
      of: board, at: .seconds(20), in: Terminal.Size(columns: columns, rows: rows))
  }

  @Test func showsOneLinePerSiteAndOneForTheRun() {
    #expect(
      lines(board(sites: 2)) == [
        "fedavg  site-1  round 3/20  waiting",
        "fedavg  site-2  round 3/20  ██████░░░░░░  step 20/40  loss 0.4132  118/s  0:20 left",
        "0:20 · fedavg 0/20 rounds",
      ])
  }

  @Test(arguments: [0, 1, 10, 40, 79])
  func noLineIsWiderThanTheTerminal(columns: Int) {
    let lines = lines(board(sites: 3), columns: columns)
    #expect(lines.count == 4)
    for line in lines { #expect(line.count <= columns) }
  }

  @Test func cutLinesEndWithAnEllipsis() {
    #expect(lines(board(sites: 2), columns: 20)[1] == "fedavg  site-2  rou…")
  }

  @Test func workingSitesComeFirstIfNotAllFit() {
    let lines = lines(board(sites: 50), rows: 10)
    #expect(lines.count == 9)
    #expect(lines[0].hasPrefix("fedavg  site-50  round 3/20  ███"))
    #expect(lines[7] == "… and 43 more")
  }

  @Test func colourOnlyRepeatsTheWords() {
    let (plain, coloured) = (lines(board(sites: 2)), lines(board(sites: 2), colour: true))
    #expect(coloured != plain)
    #expect(coloured.map { $0.replacing(/\u{1B}\[[0-9]+m/, with: "") } == plain)
  }

  @Test func showsDoneAndDroppedSites() {
    var board = board(sites: 2)
    let summary = TrainingSummary(exampleCount: 100, stepCount: 40, loss: 0.25, seconds: 75.4)
    board.apply(.siteFinished(arm: "fedavg", round: 3, site: SiteID("site-1"), summary), at: .seconds(20))
    board.apply(
      .siteDropped(arm: "fedavg", round: 3, site: SiteID("site-2"), reason: "no answer within 60 s"),
      at: .seconds(20))
    let lines = lines(board)
    #expect(lines[0].hasSuffix("done  loss 0.2500  1:15"))
    #expect(lines[1].hasSuffix("dropped: no answer within 60 s"))
  }

  @Test(arguments: [
    (0.0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (3723, "1:02:03"), (-1, "0:00"), (.nan, "?"),
  ])
  func clocksAreReadable(seconds: Double, text: String) {
    #expect(ProgressLines.clock(seconds) == text)
  }

  @Test func barsNeverOverflow() {
    #expect(ProgressLines.bar(5, of: 4, width: 4) == "████")
    #expect(ProgressLines.bar(0, of: 0, width: 4) == "░░░░")
  }
}
