import FederatedCore
import FederatedTesting
import StudyProtocol

extension SitePolicy {
  /// Returns what remains of an evaluation after this policy's release check. Its counts state the patients
  /// behind it.
  func filter(_ evaluation: SiteEvaluation) -> SiteEvaluation {
    ReleaseGate(self, for: nil).release(evaluation.withMadeUpPatients()).content
  }

  /// Returns what remains of the summary of a training on twenty patients after this policy's release check.
  func filter(_ summary: TrainingSummary) -> TrainingSummary {
    var summary = summary
    summary.patients = TrainingPatients(trained: .madeUp(20))
    return ReleaseGate(self, for: nil).release(summary).content
  }
}
