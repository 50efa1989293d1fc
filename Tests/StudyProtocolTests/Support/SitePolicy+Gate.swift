import FederatedCore
import FederatedTesting
import StudyProtocol

extension SitePolicy {
  /// What of an evaluation of patients that its counts say leaves a site with this policy.
  func filter(_ evaluation: SiteEvaluation) -> SiteEvaluation {
    ReleaseGate(self, for: nil).release(evaluation.withMadeUpPatients()).content
  }

  /// What of the account of a training of twenty patients leaves a site with this policy.
  func filter(_ summary: TrainingSummary) -> TrainingSummary {
    var summary = summary
    summary.patients = TrainingPatients(trained: .madeUp(20))
    return ReleaseGate(self, for: nil).release(summary).content
  }
}
