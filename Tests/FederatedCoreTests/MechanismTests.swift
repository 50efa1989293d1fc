import FederatedCore
import FederatedTesting
import Testing

struct MechanismTests {
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [2])])

  @Test func emptyMechanismSatisfiesTheLaws() async throws { try await MechanismLaws(NoMechanism()).check() }

  @Test(arguments: [1e-6, 0.37, 1, 12.5, 1e6]) func normClipSatisfiesTheLaws(bound: Double) async throws {
    try await MechanismLaws(NormClip(bound: bound), bound: bound).check()
  }

  /// (3, 4) has the norm 5.
  @Test(arguments: [(5, [3, 4]), (10, [3, 4]), (1, [0.6, 0.8])] as [(Double, [Float])])
  func longUpdateIsScaledToTheBoundAndShortOneIsKept(bound: Double, expected: [Float]) async throws {
    let update = ModelUpdate(
      site: SiteID("a"), round: 1, payload: ModelParameters(layout: layout, values: [3, 4]), weight: 2)
    let gate = ReleaseGate(mechanisms: [try NormClip(bound: bound)])
    let summary = TrainingSummary(exampleCount: 2, stepCount: 1, loss: nil, seconds: 1)
    let values = try await gate.release(SiteUpdate(update, summary))
      .content.update.payload.values
    for (value, expected) in zip(values, expected) { #expect(abs(value - expected) <= expected * 1e-6) }
    if bound >= 5 { #expect(values == [3, 4]) }
  }

  @Test(arguments: [0, -1, Double.nan, .infinity]) func boundThatIsNotPositiveIsRejected(bound: Double) {
    #expect(throws: ConsiliumError.self) { try NormClip(bound: bound) }
  }

  /// The coordinator accepts what the half at a site releases, and nothing longer.
  @Test func longerUpdateThanTheBoundIsRefused() throws {
    func check(_ values: [Float], bound: Double) throws {
      try NormClip(bound: bound).check(
        ModelUpdate(
          site: SiteID("a"), round: 1, payload: ModelParameters(layout: layout, values: values), weight: 2))
    }
    try check([3, 4], bound: 5)
    let error = #expect(throws: ConsiliumError.self) { try check([3, 4], bound: 4.99) }
    #expect(error?.code == .invalidUpdate)
    #expect(
      error?.message
        == "the update of site 'a' in round 1 has the norm 5.0; the study clips updates to 4.99 (privacy.clip-norm), which the "
        + "site did not do")
    #expect(throws: ConsiliumError.self) { try check([.nan, 0], bound: 1e30) }
  }
}
