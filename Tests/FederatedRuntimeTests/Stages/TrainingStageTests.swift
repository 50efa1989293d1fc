import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct TrainingStageTests {
  private let site = SiteID("a")
  private let summary = TrainingSummary(exampleCount: 40, stepCount: 1, loss: nil, seconds: 1)

  private func check(weight: Double, agreed: [SiteID: Double]) throws {
    let settings = FederationSettings(
      arm: "arm", rounds: 1, learningRate: { _ in 0.1 }, seed: 1, weights: agreed)
    let assignment = Assignment(
      id: .init(round: 1, stage: 0), message: .train(from: referenceModel, learningRate: 0.1))
    let message = StageMessage.update(NamedParts(referenceModel), weight: weight, summary)
    try TrainingStage(FedAvg(), settings: settings).check(
      ReceivedMessage(message, files: [:]), to: assignment, from: site)
  }

  @Test func updateWithAnotherWeightThanAgreedIsRejected() throws {
    try check(weight: 40, agreed: [site: 40])
    try check(weight: 7, agreed: [:])
    let error = #expect(throws: ConsiliumError.self) { try check(weight: 400, agreed: [site: 40]) }
    #expect(error?.code == .invalidUpdate)
    #expect(error?.message.contains("has the weight 400.0") == true)
  }
}
