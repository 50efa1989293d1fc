import FederatedCore
import Synchronization
import Testing

private struct Scaling: UpdateMechanism {
  var factor: Float
  var cost = PrivacyCost.unbounded
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    -> PrivacyCost
  {
    update.payload.scale(by: factor)
    return cost
  }
}

private struct Refusing: UpdateMechanism {
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext) throws
    -> PrivacyCost
  {
    throw ConsiliumError(.invalidUpdate, "site '\(context.site)' keeps round \(context.round) to itself")
  }
}

/// A journal in memory, whose disk can be simulated as full.
private final class TestJournal: SiteJournal {
  let isFull: Bool
  private let kept = Mutex<StageMessage?>(nil)

  init(kept: SiteUpdate<ModelParameters>? = nil, isFull: Bool = false) {
    self.isFull = isFull
    self.kept.withLock { $0 = kept?.message }
  }

  func claim(_ assignment: Assignment) {}
  func pin(_ reply: StageMessage, to frame: Int, of assignment: Assignment) -> Bool { true }
  func answer(to assignment: Assignment) -> StageMessage? { kept.withLock(\.self) }
  func memory(before assignment: Assignment) -> NamedParts? { nil }
  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) throws
    -> StageMessage
  {
    if isFull { throw ConsiliumError(.storage, "the disk is full") }
    kept.withLock { $0 = answer }
    return answer
  }
}

struct ReleaseGateTests {
  private let site = SiteID("a")
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [])])

  private var assignment: Assignment {
    Assignment(id: .init(round: 2, stage: 0), message: StageMessage(StageMessage.Kind("question")))
  }

  private func update(_ value: Float, weight: Double = 1) -> SiteUpdate<ModelParameters> {
    SiteUpdate(
      ModelUpdate(
        site: site, round: 2, payload: ModelParameters(layout: layout, values: [value]),
        weight: weight), TrainingSummary(exampleCount: 1, stepCount: 1, loss: nil, seconds: 1))
  }

  private func release(
    _ update: SiteUpdate<ModelParameters>, by gate: ReleaseGate, journal: TestJournal? = nil
  ) async throws -> [Float] {
    try values(
      try await gate.release(
        StageDraft(update), answering: assignment, as: schema, keepingIn: journal))
  }

  private var schema: MessageSchema { SiteUpdate<ModelParameters>.schema }

  private func values(_ released: Released<StageMessage>?) throws -> [Float] {
    guard let released else { return [] }
    return try SiteUpdate<ModelParameters>(released.content, site: site, round: 2).update.payload.values
  }

  @Test func mechanismsRunInOrder() async throws {
    let gate = ReleaseGate(mechanisms: [Scaling(factor: 2), Scaling(factor: 3)])
    #expect(try await release(update(1), by: gate) == [6])
  }

  @Test(arguments: [Float.nan, .infinity]) func valuesThatAreNotFiniteNeverLeave(_ value: Float) async {
    let journal = TestJournal()
    let error = await #expect(throws: ConsiliumError.self) {
      try await release(update(value), by: ReleaseGate(), journal: journal)
    }
    #expect(error?.code == .diverged)
    let said = "infinite or not a number in round 2, and the update was not sent; lower the learning rate"
    #expect(error?.message.contains(said) == true)
    let gate = ReleaseGate(mechanisms: [Scaling(factor: .infinity)])
    await #expect(throws: ConsiliumError.self) { try await release(update(1), by: gate, journal: journal) }
    #expect(journal.answer(to: assignment) == nil, "an update that may not leave was kept")
  }

  /// Each site checks its own range: the coordinator would refuse the update.
  @Test(arguments: [Float(3e38), -2e12]) func valuesOutOfRangeNeverLeave(_ value: Float) async {
    let journal = TestJournal()
    let error = await #expect(throws: ConsiliumError.self) {
      try await release(update(value), by: ReleaseGate(), journal: journal)
    }
    #expect(error?.code == .diverged)
    #expect(
      error?.message.hasPrefix(
        "the trained weights have values beyond 1e12 in round 2, and the update was not sent")
        == true)
    #expect(journal.answer(to: assignment) == nil, "an update that may not leave was kept")
  }

  @Test(arguments: [0, -1, Double.nan]) func aBadWeightNeverLeaves(_ weight: Double) async {
    await #expect(throws: ConsiliumError.self) {
      try await release(update(1, weight: weight), by: ReleaseGate())
    }
  }

  @Test func aMechanismCanRefuse() async {
    await #expect(throws: ConsiliumError.self) {
      try await release(update(1), by: ReleaseGate(mechanisms: [Refusing()]))
    }
  }

  /// A stored update has already passed the mechanisms, and noise must not be drawn a second time.
  @Test func storedUpdateIsReleasedAgainUnchanged() async throws {
    let gate = ReleaseGate(mechanisms: [Scaling(factor: 2)])
    let journal = TestJournal()
    #expect(try await gate.releaseKept(to: assignment, as: schema, from: journal) == nil)
    #expect(try await release(update(1), by: gate, journal: journal) == [2])
    let again = try await gate.releaseKept(to: assignment, as: schema, from: journal)
    #expect(try values(again) == [2])
  }

  /// A later mechanism cannot undo the protection of a stronger earlier mechanism.
  @Test func costIsThatOfTheMostProtectiveMechanism() async throws {
    let gate = ReleaseGate(mechanisms: [
      Scaling(factor: 1), Scaling(factor: 1, cost: .zero), Scaling(factor: 1),
    ])
    #expect(try await gate.release(update(1)).cost == .zero)
    #expect(try await ReleaseGate().release(update(1)).cost == .unbounded)
  }

  @Test func onlyASimulationsNoiseIsPredictable() {
    func numbers(_ source: NoiseSource, round: Int, site: SiteID? = nil) -> [UInt64] {
      var generator: any RandomNumberGenerator = source.generator(round: round, site: site)
      return (0..<4).map { _ in generator.next() }
    }
    let seeded = NoiseSource.simulated(seed: 3)
    #expect(seeded.isPredictable && !NoiseSource.system.isPredictable)
    #expect(numbers(seeded, round: 1) == numbers(seeded, round: 1))
    #expect(numbers(seeded, round: 1) != numbers(seeded, round: 2))
    #expect(numbers(seeded, round: 1, site: site) != numbers(seeded, round: 1))
    #expect(numbers(.system, round: 1) != numbers(.system, round: 1))
    #expect(!ReleaseGate().noise.isPredictable)
  }

  @Test func updateThatCannotBeStoredDoesNotLeave() async throws {
    let error = try await #require(throws: ConsiliumError.self) {
      try await release(update(1), by: ReleaseGate(), journal: TestJournal(isFull: true))
    }
    #expect(error.code == .storage)
  }

  @Test func damagedStoredUpdateDoesNotLeave() async {
    let journal = TestJournal(kept: update(.nan))
    await #expect(throws: ConsiliumError.self) {
      try await ReleaseGate().releaseKept(to: assignment, as: schema, from: journal)
    }
  }

  private func received(_ update: SiteUpdate<ModelParameters>) throws -> ReceivedUpdate<ModelParameters> {
    try ReceivedUpdate(ReceivedMessage(update.message, files: [:]), site: site, round: 2)
  }

  @Test func anUpdateFromTheNetworkIsCheckedOnArrival() throws {
    #expect(try received(update(1)).update.payload.values == [1])
    #expect(throws: ConsiliumError.self) { try received(update(.infinity)) }
    #expect(throws: ConsiliumError.self) { try received(update(1, weight: 0)) }
  }

  @Test func aKindThatThePolicyDoesNotNameNeverLeaves() async throws {
    func gate(_ kinds: Set<StageMessage.Kind>?) -> ReleaseGate {
      ReleaseGate(
        rules: ReleaseRules(
          minimumPatients: 1, metrics: nil, ownFigures: true, calibration: true, confusion: true,
          curves: true,
          replicates: true, intervals: true, images: true, kinds: kinds))
    }
    let draft = StageDraft(SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: []))
    for kinds in [nil, [.evaluation]] as [Set<StageMessage.Kind>?] {
      _ = try await gate(kinds).release(draft, answering: assignment, as: SiteEvaluation.schema)
    }
    let journal = TestJournal()
    let error = await #expect(throws: ConsiliumError.self) {
      try await gate([.update]).release(
        draft, answering: assignment, as: SiteEvaluation.schema, keepingIn: journal)
    }
    #expect(error?.message.contains("'evaluation' (release.kinds)") == true)
    #expect(journal.answer(to: assignment) == nil)
  }

  @Test func undeclaredContentNeverLeaves() async throws {
    let journal = TestJournal()
    await #expect(throws: ConsiliumError.self) {
      try await ReleaseGate().release(
        StageDraft(update(1)), answering: assignment, as: SiteEvaluation.schema, keepingIn: journal)
    }
    #expect(journal.answer(to: assignment) == nil)
  }
}
