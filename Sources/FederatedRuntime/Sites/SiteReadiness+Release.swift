import FederatedCore

extension SiteReadiness: Releasable {
  public func released(by rules: ReleaseRules) -> SiteReadiness {
    var released = self
    released.data = data.map { $0.released(by: rules) }
    return released
  }
}
