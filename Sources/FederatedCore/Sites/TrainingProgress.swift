/// The progress of training in a round, for people who watch the study.
public struct TrainingProgress: Sendable, Codable, Equatable {
  public var step: Int
  public var stepCount: Int
  /// The mean loss since the previous report; `nil` if the site's policy withholds it.
  public var loss: Double?
  public var examplesPerSecond: Double
  /// The patients from whose data the loss was computed; `nil` after a gate has released the progress, or if
  /// the engine does not report them.
  public var patients: PatientSet?

  public init(
    step: Int, stepCount: Int, loss: Double?, examplesPerSecond: Double, patients: PatientSet? = nil
  ) {
    self.step = step
    self.stepCount = stepCount
    self.loss = loss
    self.examplesPerSecond = examplesPerSecond
    self.patients = patients
  }
}
