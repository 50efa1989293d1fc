import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct TrainingStageTests {
  private let site = SiteID("a")
  private let summary = TrainingSummary(exampleCount: 40, stepCount: 1, loss: nil, seconds: 1)

  private func check(
    weight: Double, agreed: [SiteID: Double], _ change: (inout FederationSettings) -> Void = { _ in }
  ) throws {
    var settings = FederationSettings(
      arm: "arm", rounds: 1, learningRate: { _ in 0.1 }, seed: 1, weights: agreed)
    change(&settings)
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

  @Test func weightStaysThatOfAnEarlierRound() throws {
    try check(weight: 40, agreed: [site: 400]) { $0.earlierWeights = [site: 40] }
    for agreed: [SiteID: Double] in [[site: 400], [:]] {
      let error = #expect(throws: ConsiliumError.self) {
        try check(weight: 400, agreed: agreed) { $0.earlierWeights = [site: 40] }
      }
      #expect(error?.message.contains("has the weight 400.0; expected 40.0") == true)
    }
  }

  @Test func weightStaysInTheRangeOfTheStudysWeighting() throws {
    try check(weight: 60, agreed: [:]) { $0.weightLimits = [site: 20...120] }
    let error = #expect(throws: ConsiliumError.self) {
      try check(weight: 121, agreed: [:]) { $0.weightLimits = [site: 20...120] }
    }
    #expect(error?.message.contains("has the weight 121.0; expected 20.0 to 120.0") == true)
  }

  @Test(arguments: [1e15, 1e300]) func impossibleWeightNeverCounts(_ weight: Double) throws {
    let error = #expect(throws: ConsiliumError.self) { try check(weight: weight, agreed: [:]) }
    #expect(error?.message.contains("expected at most 1099511627776.0") == true)
  }

  @Test func updateThatDidNotPassTheStudysMechanismIsRefused() throws {
    let norm = referenceModel.squaredNorm.squareRoot()
    try check(weight: 40, agreed: [:]) { $0.mechanisms = [try? NormClip(bound: norm)].compactMap(\.self) }
    let error = #expect(throws: ConsiliumError.self) {
      try check(weight: 40, agreed: [:]) {
        $0.mechanisms = [try? NormClip(bound: norm / 2)].compactMap(\.self)
      }
    }
    #expect(error?.message.contains("which the site did not do") == true)
  }
}
