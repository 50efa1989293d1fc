import FederatedCore
import Synchronization

/// Laws that every update mechanism must satisfy, at a site behind a gate and at the coordinator.
public struct MechanismLaws<M: UpdateMechanism>: Sendable {
  let mechanism: M
  let bound: Double?
  private let site = SiteID("a")
  private let noise = NoiseSource.simulated(seed: 5)
  private let layout = ParameterLayout(entries: [
    .init(name: "w", shape: [3, 4]), .init(name: "mean", shape: [5], role: .buffer),
  ])

  /// - Parameter bound: The L2 norm that no update exceeds; `nil` if the mechanism does not limit it.
  public init(_ mechanism: M, bound: Double? = nil) {
    self.mechanism = mechanism
    self.bound = bound
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    // Only a mechanism with a bound brings a value that is out of range into it.
    for size in [0, 1e-30, 1e-3, 1, 1e5, bound == nil ? 0x1p39 : 1.5e38] as [Float] {
      try await theBoundHolds(size)
      try await theSameNoiseGivesTheSameBits(size)
    }
    for value in [Float.nan, .infinity, -.infinity] { try await noBadValueLeaves(value) }
    try await anErrorReleasesNothing()
    try await aKeptUpdateCostsNothingAgain()
    try await theCoordinatorKeepsTheShape()
  }

  private func update(_ size: Float) -> SiteUpdate<TwoParts> {
    var generator = RandomStream(seed: UInt64(size.bitPattern))
    let make = { (generator: inout RandomStream) in
      ModelParameters.random(layout, in: -size...size, using: &generator)
    }
    return update(TwoParts(make(&generator), make(&generator)))
  }

  private func update(_ payload: TwoParts) -> SiteUpdate<TwoParts> {
    SiteUpdate(
      ModelUpdate(site: site, round: 3, payload: payload, weight: 7),
      TrainingSummary(exampleCount: 7, stepCount: 1, loss: nil, seconds: 1))
  }

  private var assignment: Assignment {
    Assignment(
      id: .init(round: 3, stage: 0),
      message: StageMessage(
        StageMessage.Kind("question"),
        tensors: ["model": .parameters(NamedParts(ModelParameters.zeros(layout)))]))
  }

  private func gate(_ more: [any UpdateMechanism] = []) -> ReleaseGate {
    ReleaseGate(mechanisms: [mechanism] + more, noise: noise)
  }

  private func released(_ update: SiteUpdate<TwoParts>) async throws -> ModelUpdate<TwoParts> {
    try await gate().release(update).content.update
  }

  private func answer(_ update: SiteUpdate<TwoParts>, by gate: ReleaseGate, keepingIn journal: MemoryJournal)
    async throws -> Released<StageMessage>
  {
    try await gate.release(
      StageDraft(update), answering: assignment, as: SiteUpdate<TwoParts>.schema, keepingIn: journal)
  }

  private func theBoundHolds(_ size: Float) async throws {
    let given = update(size)
    let released = try await released(given)
    try expect(released.payload.isFinite, "an update of size \(size) became infinite or not a number")
    try expect(
      released.payload.parts.map(\.layout) == [layout, layout], "an update of size \(size) lost its shape")
    try expect(
      (released.site, released.round, released.weight) == (site, 3, 7), "the site, round or weight changed")
    guard let bound else { return }
    let norm = released.payload.squaredNorm.squareRoot()
    try expect(norm <= bound, "an update of size \(size) left with the norm \(norm), above \(bound)")
  }

  private func theSameNoiseGivesTheSameBits(_ size: Float) async throws {
    let (first, second) = (try await released(update(size)), try await released(update(size)))
    try expect(
      first.payload.allValues.map(\.bitPattern) == second.payload.allValues.map(\.bitPattern),
      "the same noise turned one update into two different ones")
  }

  private func noBadValueLeaves(_ value: Float) async throws {
    for index in 0..<2 * layout.count {
      var values = [Float](repeating: 0.1, count: 2 * layout.count)
      values[index] = value
      let half = layout.count
      let payload = TwoParts(
        ModelParameters(layout: layout, values: Array(values[..<half])),
        ModelParameters(layout: layout, values: Array(values[half...])))
      try await expectRefusal(update(payload), by: gate(), "\(value) at index \(index) left the site")
    }
  }

  private func anErrorReleasesNothing() async throws {
    try await expectRefusal(update(1), by: gate([Failing()]), "an update left although a mechanism failed")
  }

  private func expectRefusal(_ update: SiteUpdate<TwoParts>, by gate: ReleaseGate, _ message: String)
    async throws
  {
    let journal = MemoryJournal()
    let released = try? await answer(update, by: gate, keepingIn: journal)
    try expect(released == nil, message)
    try expect(journal.isEmpty, "\(message), and was stored")
  }

  private func aKeptUpdateCostsNothingAgain() async throws {
    let journal = MemoryJournal()
    let first = try await answer(update(1), by: gate(), keepingIn: journal)
    let again = try await gate().releaseKept(
      to: assignment, as: SiteUpdate<TwoParts>.schema, from: journal)
    try expect(
      again?.content == first.content,
      "the stored update differs from the one that left")
    try expect(again?.cost == .zero, "an update costs privacy each time that it is sent")
  }

  private func theCoordinatorKeepsTheShape() async throws {
    var aggregate = Aggregate(payload: update(1).update.payload, totalWeight: 7, contributors: 1)
    try mechanism.atCoordinator(&aggregate, in: RoundContext(round: 3, noise: noise))
    try expect(
      aggregate.payload.parts.map(\.layout) == [layout, layout], "the coordinator's half changed the shape")
    try expect(aggregate.payload.isFinite, "the coordinator's half produced values that are not finite")
    try expect(
      (aggregate.totalWeight, aggregate.contributors) == (7, 1),
      "the coordinator's half changed who contributed")
  }
}

/// A group of two vectors, as SCAFFOLD sends it.
private struct TwoParts: ParameterGroup {
  static let partNames = ["model", "control"]
  var parts: [ModelParameters]

  init(_ model: ModelParameters, _ control: ModelParameters) { parts = [model, control] }
  init(parts: [ModelParameters]) { self.parts = parts }

  mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
    for index in parts.indices { try body(index, &parts[index]) }
  }
}

/// A mechanism that fails.
private struct Failing: UpdateMechanism {
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext) throws
    -> PrivacyCost
  { throw ConsiliumError(.engine, "the mechanism failed") }
}

private final class MemoryJournal: SiteJournal {
  private let kept = Mutex<StageMessage?>(nil)

  var isEmpty: Bool { kept.withLock { $0 == nil } }
  func claim(_ assignment: Assignment) {}
  func pin(_ reply: StageMessage, to frame: Int, of assignment: Assignment) -> Bool { true }
  func answer(to assignment: Assignment) -> StageMessage? { kept.withLock(\.self) }
  func memory(before assignment: Assignment) -> NamedParts? { nil }
  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) -> StageMessage {
    kept.withLock { $0 = answer }
    return answer
  }
}
