import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Testing

struct StrategyLawTests {
  @Test func fedAvg() async throws { try await StrategyLaws(FedAvg(), averages: true).check() }

  @Test(arguments: [0, 0.01, 1]) func fedProx(mu: Double) async throws {
    try await StrategyLaws(FedProx(mu: mu), averages: true).check()
  }

  @Test func fedAdam() async throws {
    try await StrategyLaws(FedAdam(learningRate: 0.1), averages: false, rounds: 80).check()
  }

  @Test func scaffold() async throws { try await StrategyLaws(Scaffold(), averages: true).check() }

  @Test func fedMedian() async throws { try await StrategyLaws(FedMedian(), averages: true).check() }

  @Test(arguments: [0, 0.2, 0.4]) func fedTrimmedMean(trim: Double) async throws {
    try await StrategyLaws(FedTrimmedMean(trim: trim), averages: true).check()
  }

  @Test func fedProxWithoutAPullIsFedAvg() async throws {
    var (average, prox) = (
      ReferenceRun(strategy: FedAvg(), trainers: ReferenceTrainer.sites(3)),
      ReferenceRun(strategy: FedProx(mu: 0), trainers: ReferenceTrainer.sites(3))
    )
    try await average.advance(to: 4)
    try await prox.advance(to: 4)
    #expect(average.model == prox.model)
  }
}
