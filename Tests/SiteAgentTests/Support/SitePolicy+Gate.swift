import FederatedCore
import FederatedTesting
import StudyProtocol

extension SitePolicy {
  /// The description of a site's data as it leaves a site with this policy.
  func filter(_ data: SessionDescription) -> SessionDescription {
    var data = data
    for index in data.parts.indices { data.parts[index].members = .madeUp(data.parts[index].patients) }
    return ReleaseGate(self, for: nil).release(data).content
  }

  /// The training progress as it leaves a site with this policy.
  func filter(_ progress: TrainingProgress) -> TrainingProgress {
    ReleaseGate(self, for: nil).release(progress).content
  }
}
