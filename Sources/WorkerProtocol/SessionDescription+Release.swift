import FederatedCore

extension SessionDescription: Releasable {
  /// The account of a site's data without sets that have fewer patients than the minimum, and without smaller record counts. Paths,
  /// facts and values of the data stay at the site.
  public func released(by rules: ReleaseRules) -> SessionDescription {
    var released = self
    released.facts = nil
    // That there is nobody tells of nobody.
    released.parts.removeAll { $0.patients > 0 && rules.release($0, of: $0.patients) == nil }
    released.findings = findings.map { $0.released(by: rules) }
    return released
  }
}

extension DataFinding {
  fileprivate func released(by rules: ReleaseRules) -> DataFinding {
    var released = self
    released.places = []
    released.values = nil
    // 0 stands with what concerns no record in particular.
    if let records, records > 0 { released.records = rules.release(records, of: records) }
    return released
  }
}
