import FederatedCore

extension StageRegistry {
  /// Creates the stages of an arm with rounds. They are the same in the simulator and over the network.
  public init(of strategy: some Strategy, settings: FederationSettings) {
    self.init([TrainingStage(strategy, settings: settings), EvaluationStage(.validation(settings))])
  }
}
