import FederatedCore
import Synchronization
import Testing

private struct Scaling: UpdateFilter {
  var factor: Float
  func prepare<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    async throws
  {
    update.payload.scale(by: factor)
  }
}

private struct Refusing: UpdateFilter {
  func prepare<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    async throws
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
  private let context = SiteContext(site: SiteID("a"), round: 2, seed: 1)
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
        site: context.site, round: context.round, payload: ModelParameters(layout: layout, values: [value]),
        weight: weight), TrainingSummary(exampleCount: 1, stepCount: 1, loss: nil, seconds: 1))
  }

  private func release(
    _ update: SiteUpdate<ModelParameters>, by gate: ReleaseGate, journal: TestJournal? = nil
  ) async throws -> [Float] {
    try await gate.release(update, of: assignment, in: context, keepingIn: journal)
      .content.update.payload.values
  }

  @Test func filtersRunInOrder() async throws {
    let gate = ReleaseGate(filters: [Scaling(factor: 2), Scaling(factor: 3)])
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
    let gate = ReleaseGate(filters: [Scaling(factor: .infinity)])
    await #expect(throws: ConsiliumError.self) { try await release(update(1), by: gate, journal: journal) }
    #expect(journal.update(for: assignment)?.update.payload == nil, "an update that may not leave was kept")
  }

  @Test(arguments: [0, -1, Double.nan]) func aBadWeightNeverLeaves(_ weight: Double) async {
    await #expect(throws: ConsiliumError.self) {
      try await release(update(1, weight: weight), by: ReleaseGate())
    }
  }

  @Test func aFilterCanRefuse() async {
    await #expect(throws: ConsiliumError.self) {
      try await release(update(1), by: ReleaseGate(filters: [Refusing()]))
    }
  }

  /// What is kept has passed the filters, so it is not filtered a second time.
  @Test func aKeptUpdateIsReleasedAgainAsItWas() async throws {
    let gate = ReleaseGate(filters: [Scaling(factor: 2)])
    let journal = TestJournal()
    #expect(try await gate.releaseKept(to: assignment, from: journal)?.content.update.payload == nil)
    #expect(try await release(update(1), by: gate, journal: journal) == [2])
    let again = try await gate.releaseKept(to: assignment, from: journal)
    #expect(again?.content.update.payload.values == [2])
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
