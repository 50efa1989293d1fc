import FederatedCore
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

struct ReleasePolicyTests {
  private let context = SiteContext(site: SiteID("a"), round: 2, seed: 1)

  private func update(_ value: Float, weight: Double = 1) -> ModelUpdate<ModelParameters> {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [])])
    return ModelUpdate(
      site: context.site, round: context.round, payload: ModelParameters(layout: layout, values: [value]),
      weight: weight)
  }

  @Test func filtersRunInOrder() async throws {
    let policy = ReleasePolicy(filters: [Scaling(factor: 2), Scaling(factor: 3)])
    #expect(try await policy.release(update(1), in: context).update.payload.values == [6])
  }

  @Test(arguments: [Float.nan, .infinity]) func whatIsNotFiniteNeverLeaves(_ value: Float) async {
    await #expect(throws: ConsiliumError.self) {
      try await ReleasePolicy().release(update(value), in: context)
    }
    let policy = ReleasePolicy(filters: [Scaling(factor: .infinity)])
    await #expect(throws: ConsiliumError.self) { try await policy.release(update(1), in: context) }
  }

  @Test(arguments: [0, -1, Double.nan]) func aBadWeightNeverLeaves(_ weight: Double) async {
    await #expect(throws: ConsiliumError.self) {
      try await ReleasePolicy().release(update(1, weight: weight), in: context)
    }
  }

  @Test func aFilterCanRefuse() async {
    await #expect(throws: ConsiliumError.self) {
      try await ReleasePolicy(filters: [Refusing()]).release(update(1), in: context)
    }
  }
}
