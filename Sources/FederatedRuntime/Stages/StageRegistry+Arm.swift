import FederatedCore

extension StageRegistry {
  /// The stages of an arm with rounds, alike in the simulator and over the network.
  public init(of strategy: some Strategy, settings: FederationSettings) {
    self.init([TrainingStage(strategy, settings: settings), EvaluationStage(.validation(settings))])
  }
}
