import FederatedCore
import FederatedRuntime
import Testing

struct SwarmEntryTests {
  private let a = SiteID("a")
  private let b = SiteID("b")
  private let summary = TrainingSummary(exampleCount: 40, stepCount: 5, loss: 0.1 + 0.2, seconds: 1e-9 / 3)

  private func comesBack<Content: SwarmContent>(_ content: Content) throws {
    let bytes = try content.encoded()
    let entry = SwarmEntry(key: SwarmKey("key"), value: bytes, revision: 1)
    #expect(try Content(entry) == content)
    #expect(try Content(entry).encoded() == bytes)
  }

  @Test func entriesComeBackToTheBit() throws {
    try comesBack(SwarmOffer(base: "00", update: "ff", weight: 1 / 3, summary: summary))
    try comesBack(SwarmOffer(base: "00", failure: .init(ConsiliumError(.memory, "too little memory"))))
    try comesBack(SwarmMerger(site: a, lease: .max))
    try comesBack(
      SwarmSet(
        base: "00", members: [.init(site: b, update: "ff")],
        dropped: [.init(site: a, reason: "it \"left\"/")],
        merger: b))
    try comesBack(SwarmModel(model: "ff", state: nil, merger: a))
    try comesBack(SwarmWitness(model: "ff", state: "ee"))
    try comesBack(
      SwarmValidation(
        SiteEvaluation(
          patientCount: 3, exampleCount: 7, loss: 0.1,
          metrics: [MetricEstimate(name: "auroc", value: 2 / 3, patientCount: 3, replicates: [0.1, 1e-300])]))
    )
    var record = RoundRecord(arm: "swarm", round: 2, learningRate: 0.1)
    record.selection.bestScore = 1 / 7
    record.contributions = [.init(site: a, weight: 1, updateDigest: "ff", summary: summary)]
    try comesBack(SwarmEnding(record))
    try comesBack(SwarmEnding(failure: .init(ConsiliumError(.partial, "'a' is away"))))
  }

  @Test func anErrorComesBackWithItsCode() {
    let error = SwarmFailure(ConsiliumError(.diverged, "its training diverged")).error
    #expect(error.code == .diverged)
    #expect(error.message == "its training diverged")
  }

  @Test func anEntryWithAnotherContentIsRefusedByItsKey() throws {
    let entry = SwarmEntry(
      key: SwarmKey("consilium/1/s/swarm/1/set"), value: try SwarmMerger(site: a, lease: 1).encoded(),
      revision: 1)
    let error = #expect(throws: ConsiliumError.self) { try SwarmSet(entry) }
    #expect(error?.code == .invalidUpdate)
    #expect(error?.message.contains("consilium/1/s/swarm/1/set") == true)
  }

  @Test func anInfiniteNumberIsNotWritten() {
    let offer = SwarmOffer(base: "00", update: "ff", weight: .infinity, summary: summary)
    let error = #expect(throws: ConsiliumError.self) { try offer.encoded() }
    #expect(error?.code == .invalidUpdate)
  }

  @Test func theKeysOfARoundLieUnderItsArm() {
    let keys = SwarmRoundKeys(study: "s", arm: "swarm", round: 12)
    #expect(keys.offer(of: a).description == "consilium/1/s/swarm/12/offer/a")
    #expect(keys.merger.description == "consilium/1/s/swarm/12/merger")
    #expect(keys.set.description == "consilium/1/s/swarm/12/set")
    #expect(keys.model.description == "consilium/1/s/swarm/12/model")
    #expect(keys.witness(of: b).description == "consilium/1/s/swarm/12/witness/b")
    #expect(keys.validation(of: b).description == "consilium/1/s/swarm/12/validation/b")
    #expect(keys.record.description == "consilium/1/s/swarm/12/record")
    #expect(keys.record.isUnder(SwarmRoundKeys.arm("swarm", ofStudy: "s")))
    #expect(!keys.record.isUnder(SwarmRoundKeys(study: "s", arm: "swarm", round: 1).root))
  }
}
