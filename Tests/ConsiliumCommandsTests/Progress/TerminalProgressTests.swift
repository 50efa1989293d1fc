import FederatedCore
import FederatedRuntime
import Synchronization
import Testing

@testable import ConsiliumCommands

@Suite struct TerminalProgressTests {
  let du = SiteID("DU")
  let written = Collected()

  private func progress(columns: Int = 80) -> TerminalProgress {
    TerminalProgress(
      terminal: Terminal(hasColour: false) { .init(columns: columns, rows: 24) }, write: written.append,
      clock: { .seconds(1) })
  }

  private func record(_ round: Int) -> RoundRecord {
    var record = RoundRecord(arm: "fedavg", round: round, learningRate: 0.1, seconds: 2)
    record.contributions = [
      Contribution(
        site: du, weight: 10, updateDigest: "",
        summary: TrainingSummary(exampleCount: 10, stepCount: 1, loss: 0.5, seconds: 1))
    ]
    return record
  }

  /// The rows of a terminal after all output.
  private func screen() -> [String] { FakeScreen.rows(after: written.text) }

  @Test func framesReplaceOneAnotherBelowTheNews() {
    let progress = progress()
    progress.observe(.run(.armStarted(arm: "fedavg", sites: [du], rounds: 2, resumedAfter: 0)))
    progress.draw()
    #expect(
      screen() == ["fedavg: 2 rounds  (DU)", "fedavg  DU  round 0/2  waiting", "0:01 · fedavg 0/2 rounds"])
    progress.observe(.run(.roundStarted(arm: "fedavg", round: 1, rounds: 2)))
    progress.draw()
    progress.observe(.run(.roundCommitted(record(1))))
    progress.draw()
    #expect(
      screen() == [
        "fedavg: 2 rounds  (DU)", "fedavg: round 1  loss 0.5000  2.0 s", "fedavg  DU  round 1/2  waiting",
        "0:01 · fedavg 1/2 rounds, 0:02 left",
      ])
  }

  @Test func closingLeavesOnlyTheNews() {
    let progress = progress()
    progress.observe(.run(.armStarted(arm: "fedavg", sites: [du], rounds: 2, resumedAfter: 0)))
    progress.draw()
    progress.say("stopping")
    progress.close()
    #expect(screen() == ["fedavg: 2 rounds  (DU)", "stopping"])
    #expect(written.text.hasPrefix("\u{1B}[?25l"))
    #expect(written.text.hasSuffix("\u{1B}[?25h"))
  }

  @Test func wrappedLinesAreReplacedCompletely() {
    var region = LiveRegion()
    _ = region.frame(
      news: [], lines: [String(repeating: "x", count: 50), "\u{1B}[2mshort\u{1B}[0m"], columns: 80)
    #expect(region.frame(news: [], lines: ["new"], columns: 20).hasPrefix("\r\u{1B}[4A"))
  }

  @Test func cancellingClosesTheRegion() async {
    let progress = progress()
    progress.observe(.run(.armStarted(arm: "fedavg", sites: [du], rounds: 2, resumedAfter: 0)))
    await withTaskGroup { group in
      group.addTask { await progress.show() }
      group.cancelAll()
    }
    #expect(screen() == ["fedavg: 2 rounds  (DU)"])
    #expect(written.text.hasSuffix("\u{1B}[?25h"))
  }
}
