import FederatedCore

extension TrainingProgress: Releasable {
  /// How far the training is, and the loss only if the site's own figures may leave.
  public func released(by rules: ReleaseRules) -> TrainingProgress {
    var released = self
    if !rules.ownFigures { released.loss = nil }
    return released
  }
}
