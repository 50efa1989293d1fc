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

/// A journal in memory, or one whose disk is full.
private final class TestJournal: SiteJournal {
  let isFull: Bool
  private let kept = Mutex<SiteUpdate<ModelParameters>?>(nil)

  init(kept: SiteUpdate<ModelParameters>? = nil, isFull: Bool = false) {
    self.isFull = isFull
    self.kept.withLock { $0 = kept }
  }

  func update(for assignment: Assignment) -> SiteUpdate<ModelParameters>? { kept.withLock(\.self) }
  func state(before assignment: Assignment) -> NamedParts? { nil }
  func keep(_ update: SiteUpdate<ModelParameters>, to assignment: Assignment, state: NamedParts) throws {
    if isFull { throw ConsiliumError(.storage, "the disk is full") }
    kept.withLock { $0 = update }
  }
}

struct ReleaseGateTests {
  private let site = SiteID("a")
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [])])

  private var assignment: Assignment {
    let instruction = TrainingInstruction(round: 2, amount: .steps(1), learningRate: 0.1, seed: 1)
    return Assignment(
      id: .init(round: 2, stage: 0), model: ModelParameters(layout: layout, values: [0]),
      work: .train(instruction, message: NamedParts(names: [], parts: [])))
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
    try await gate.release(update, of: assignment, keepingIn: journal)
      .content.update.payload.values
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
    #expect(journal.update(for: assignment)?.update.payload == nil, "an update that may not leave was kept")
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

  /// What is kept has passed the mechanisms, and noise must not be drawn a second time.
  @Test func aKeptUpdateIsReleasedAgainAsItWas() async throws {
    let gate = ReleaseGate(mechanisms: [Scaling(factor: 2)])
    let journal = TestJournal()
    #expect(try await gate.releaseKept(to: assignment, from: journal)?.content.update.payload == nil)
    #expect(try await release(update(1), by: gate, journal: journal) == [2])
    let again = try await gate.releaseKept(to: assignment, from: journal)
    #expect(again?.content.update.payload.values == [2])
  }

  /// What follows the mechanism that protects most cannot undo it.
  @Test func theCostIsThatOfTheMechanismThatProtectsMost() async throws {
    let gate = ReleaseGate(mechanisms: [
      Scaling(factor: 1), Scaling(factor: 1, cost: .zero), Scaling(factor: 1),
    ])
    #expect(try await gate.release(update(1), of: assignment).cost == .zero)
    #expect(try await ReleaseGate().release(update(1), of: assignment).cost == .unbounded)
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

  @Test func anUpdateThatCannotBeKeptDoesNotLeave() async throws {
    let error = try await #require(throws: ConsiliumError.self) {
      try await release(update(1), by: ReleaseGate(), journal: TestJournal(isFull: true))
    }
    #expect(error.code == .storage)
  }

  @Test func aDamagedKeptUpdateDoesNotLeave() async {
    let journal = TestJournal(kept: update(.nan))
    await #expect(throws: ConsiliumError.self) {
      try await ReleaseGate().releaseKept(to: assignment, from: journal)
    }
  }

  @Test func anUpdateFromTheNetworkIsCheckedOnArrival() throws {
    let summary = update(1).summary
    #expect(try ReceivedUpdate(update(1).update, summary).update.payload.values == [1])
    #expect(throws: ConsiliumError.self) { try ReceivedUpdate(update(.infinity).update, summary) }
    #expect(throws: ConsiliumError.self) { try ReceivedUpdate(update(1, weight: 0).update, summary) }
  }
}
