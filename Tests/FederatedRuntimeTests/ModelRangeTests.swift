import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Testing

@testable import FederatedRuntime

/// What an update can do to the model: it stays finite, and nobody is blamed for what another site did.
struct ModelRangeTests {
  private let sites = ["a", "b", "c"].map { SiteID($0) }
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [3])])
  private let summary = TrainingSummary(exampleCount: 1, stepCount: 1, loss: nil, seconds: 0)

  private func filled(_ value: Float) -> ModelParameters {
    ModelParameters(layout: layout, values: [value, -value, value / 3])
  }

  /// Runs rounds in which each site answers with an update of one size, over what looks like a network.
  private func model<S: Strategy>(
    _ strategy: S, rounds: Int, from initial: Float = 0, _ value: (SiteID) -> Float
  ) throws -> TrainingCoordinator<S>.Outcome? {
    let settings = FederationSettings(
      arm: "arm", rounds: rounds, learningRate: { _ in 0.1 }, seed: 1, siteCount: sites.count)
    let stage = TrainingStage(strategy, settings: settings)
    var input = TrainingStage<S>.Input(
      model: filled(initial), serverState: strategy.initialServerState(for: layout))
    var outcome: TrainingCoordinator<S>.Outcome?
    for round in 1...rounds {
      let task = StageTask(round: round, plan: Star().plan(round: round, participants: sites))
      var coordinator = stage.makeCoordinator(for: task, from: input)
      _ = try coordinator.take(.begin)
      for site in sites {
        let parts = S.Combiner.Payload.partNames
        let update = NamedParts(names: parts, parts: parts.map { _ in filled(value(site)) })
        let answer = ReceivedMessage(.update(update, weight: 1, summary), files: ["update": "\(site)"])
        for action in try coordinator.take(
          .answer(.message(answer), to: .init(round: round, stage: 0), from: site))
        {
          switch action {
          case .finish(let ended): outcome = ended
          case .fail(let error): throw error
          default: break
          }
        }
      }
      guard let outcome else { return nil }
      input = .init(model: outcome.model, serverState: outcome.serverState)
    }
    return outcome
  }

  /// No update in range makes a model or a server's state infinite, in any workflow.
  @Test func largestUpdatesKeepModelAndStateFinite() throws {
    let largest = ModelParameters.largestMagnitude
    func check<S: Strategy>(_ strategy: S) throws {
      let outcome = try #require(
        try model(strategy, rounds: 50) { $0.rawValue == "b" ? -largest : largest })
      #expect(outcome.model.isFinite && outcome.serverState.isFinite, "\(S.self)")
      #expect(outcome.changes == Dictionary(uniqueKeysWithValues: sites.map { ($0, largest) }))
    }
    try check(FedAvg())
    try check(FedAdam(learningRate: 1))
    try check(Scaffold(serverLearningRate: 10))
    try check(FedMedian())
    try check(FedTrimmedMean())
  }

  /// An update out of range never reaches the fold: whoever sent it fails at the question.
  @Test(arguments: [Float(3e38), -.infinity, .nan]) func updateOutOfRangeIsRefused(_ value: Float) throws {
    let error = #expect(throws: ConsiliumError.self) { try model(FedAvg(), rounds: 1) { _ in value } }
    #expect(error?.message.contains("the update of site 'a' in round 1 has values that are") == true)
  }

  /// Weights from elsewhere may be so large that honest updates overflow. Then no site is to blame.
  @Test func overflowOfTheModelItselfNamesNobody() throws {
    let error = #expect(throws: ConsiliumError.self) {
      _ = try model(FedAvg(), rounds: 1, from: .greatestFiniteMagnitude) { _ in 0x1p40 }
      // A single update is smaller than the last digit of the largest number; a server's step is not.
      _ = try model(Scaffold(serverLearningRate: 1e27), rounds: 1, from: .greatestFiniteMagnitude) { _ in
        0x1p40
      }
    }
    #expect(error?.code == .partial)
    #expect(
      error?.message.hasPrefix(
        "round 1 of arm 'arm' failed: the new model has values that are infinite or not a number, although every update is in "
          + "range") == true)
    for site in sites { #expect(error?.message.contains("'\(site)'") == false) }
  }

  // MARK: Who is to blame

  private func changes(_ values: [Float]) -> RoundChanges {
    RoundChanges(round: 3, largest: Dictionary(uniqueKeysWithValues: zip(sites, values)))
  }

  @Test func updateThatStandsOutIsNamed() {
    let words =
      "in round 3, the update of site 'b' changed values by up to 1e+11, and those of all other sites by at most 0.5, so it is "
      + "the likely cause"
    #expect(changes([0.25, 1e11, 0.5]).suspicion == words)
    #expect(changes([0.25, 400, 0.5]).suspicion == nil)
    #expect(changes([0.25]).suspicion == nil)
    #expect(RoundChanges().suspicion == nil)
    let diverged = ConsiliumError(
      .partial, "site 'a' is required but sent no update", cause: ConsiliumError(Divergence(.loss)))
    #expect(
      changes([0.25, 1e11, 0.5]).explaining(diverged).message
        == "site 'a' is required but sent no update; \(words)")
    // Other failures are explained by their own message.
    let lost = ConsiliumError(.partial, "too few sites", cause: ConsiliumError(.engine, "no data"))
    #expect(changes([0.25, 1e11, 0.5]).explaining(lost).message == "too few sites")
  }
}
