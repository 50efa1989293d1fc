import FederatedCore

extension SiteReadiness: Releasable {
  public func released(by rules: ReleaseRules) -> SiteReadiness {
    var released = self
    released.data = data.map { $0.released(by: rules) }
    return released
  }

  public func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> SiteReadiness {
    var released = self
    released.data = try data?.released(about: isAllowed)
    return released
  }

  public func withoutPatients() -> SiteReadiness {
    var readiness = self
    readiness.data = data?.withoutPatients()
    return readiness
  }
}
