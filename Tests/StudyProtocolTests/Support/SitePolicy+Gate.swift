import FederatedCore
import StudyProtocol

extension SitePolicy {
  /// What of a value leaves a site with this policy.
  func filter<Content: Releasable>(_ content: Content) -> Content {
    ReleaseGate(self, for: nil).release(content).content
  }
}
