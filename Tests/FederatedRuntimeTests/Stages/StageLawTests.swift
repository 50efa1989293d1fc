import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import ParameterFiles
import Testing

/// Training and evaluation satisfy the laws of all stages.
struct StageLawTests {
  private let sites = (0..<3).map { SiteID("site-\($0)") }

  private var settings: FederationSettings {
    FederationSettings(
      arm: "arm", rounds: 4, learningRate: { _ in 0.05 }, seed: 3, required: Set(sites), siteCount: 3)
  }

  private func trainer(_ site: SiteID) -> any LocalTrainer {
    ReferenceTrainer.sites(3)[sites.firstIndex(of: site) ?? 0]
  }

  private func check<S: Strategy>(_ strategy: S, over topology: any Topology, concurrency: Int = .max)
    async throws
  {
    let task = StageTask(
      round: 2, plan: topology.plan(round: 2, participants: sites), required: Set(sites), minimum: 3,
      concurrency: concurrency)
    let input = TrainingStage<S>.Input(
      model: referenceModel, serverState: strategy.initialServerState(for: referenceModel.layout))
    try await StageLaws(
      TrainingStage(strategy, settings: settings), task, from: input, trainer: { trainer($0) }
    ) { outcome in
      let state = ParameterDigest.sha256(of: NamedParts(outcome.serverState))
      let members = outcome.contributions.map { "\($0.site) \($0.weight)" }
      return "\(ParameterDigest.sha256(of: outcome.model)) \(state) \(members)"
    }.check()
  }

  @Test(arguments: [1, .max]) func fedAvgTrainingSatisfiesTheStageLaws(concurrency: Int) async throws {
    try await check(FedAvg(), over: Star(), concurrency: concurrency)
  }

  @Test func scaffoldTrainingSatisfiesTheStageLaws() async throws {
    try await check(Scaffold(), over: Star())
  }

  @Test func ringTrainingSatisfiesTheStageLaws() async throws { try await check(FedAvg(), over: Ring()) }

  @Test func evaluationSatisfiesTheStageLaws() async throws {
    for purpose in [EvaluationStage.Purpose.validation(settings), .test(models: 2)] {
      let task = StageTask(
        round: 2, plan: ExchangePlan(stages: [.init(members: sites)]), required: Set(sites))
      try await StageLaws(
        EvaluationStage(purpose), task, from: referenceModel, trainer: { trainer($0) }
      ) { outcome in "\(outcome.results) \(outcome.late)" }.check()
    }
  }
}
