extension TrainingProgress: Releasable {
  /// The progress that may leave the site. Includes the loss only if the site's own figures may leave and the
  /// loss was computed from the data of enough patients.
  public func released(by rules: ReleaseRules) -> TrainingProgress {
    var released = self
    released.loss = rules.ownFigures ? rules.release(loss, of: patients) : nil
    return released
  }

  public func withoutPatients() -> TrainingProgress {
    var progress = self
    progress.patients = nil
    return progress
  }

  public func inRehearsal() -> TrainingProgress {
    var progress = self
    progress.loss = nil
    return progress
  }
}
