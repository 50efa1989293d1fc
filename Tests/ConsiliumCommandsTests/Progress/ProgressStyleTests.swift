import FederatedCore
import FederatedRuntime
import Testing

@testable import ConsiliumCommands

@Suite struct ProgressStyleTests {
  private func shown(_ events: [RunEvent], json: Bool = false, quiet: Bool = false) -> Printed {
    let out = Collected()
    let err = Collected()
    let console = Console(write: out.append, writeError: err.append)
    let progress = ProgressStyle.progress(json: json, quiet: quiet, on: console)
    for event in events { progress.observe(.run(event)) }
    return Printed(status: 0, out: out.text, err: err.text)
  }

  let events: [RunEvent] = [
    .armStarted(arm: "fedavg", sites: [SiteID("DU"), SiteID("HT")], rounds: 2, resumedAfter: 1),
    .roundStarted(arm: "fedavg", round: 2, rounds: 2),
    .siteDropped(arm: "fedavg", round: 2, site: SiteID("HT"), reason: "no answer"),
    .armFinished(
      arm: "fedavg", rounds: 2, bestRound: 2, modelDigest: "0123456789abcdef", stoppedEarly: true),
  ]

  @Test func printsOneLinePerRoundWithoutATerminal() {
    let printed = shown(events)
    #expect(printed.out.isEmpty)
    #expect(
      printed.err == """
        fedavg: resuming after round 1 of 2  (DU, HT)
        fedavg: round 2: site HT was dropped: no answer
        fedavg: finished after 2 rounds, stopped early, the result is from round 2, model 0123456789ab

        """)
  }

  @Test func jsonIsOneObjectPerLine() {
    let lines = shown(events, json: true).out.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1] == #"{"arm":"fedavg","event":"round-started","round":2,"rounds":2}"#)
  }

  @Test func quietPrintsNoProgress() {
    let printed = shown(events, quiet: true)
    #expect(printed.out.isEmpty && printed.err.isEmpty)
  }

  @Test(arguments: [(["TERM": "dumb"], false), ([:], false)])
  func dumbTerminalIsNotUsed(environment: [String: String], isTerminal: Bool) {
    #expect((Terminal.of(descriptor: 2, environment: environment) != nil) == isTerminal)
  }

  @Test func roundRecordIsOneLine() {
    var record = RoundRecord(arm: "fedavg", round: 7, learningRate: 0.1, seconds: 12.34)
    record.contributions = [(30.0, 0.2), (10.0, 0.6)].map { weight, loss in
      Contribution(
        site: SiteID("DU"), weight: weight, updateDigest: "",
        summary: TrainingSummary(exampleCount: 1, stepCount: 1, loss: loss, seconds: 1))
    }
    record.selection.score = 0.77123
    record.selection.bestRound = 7
    record.validation = [
      SiteValidation(
        site: SiteID("DU"),
        evaluation: SiteEvaluation(patientCount: 1, exampleCount: 1, loss: nil, metrics: []))
    ]
    #expect(
      NewsLine.lines(of: .run(.roundCommitted(record)))
        == ["fedavg: round 7  loss 0.3000  validation 0.7712 (best)  12.3 s"])
  }
}
