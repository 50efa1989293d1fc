import FederatedCore
import StudyProtocol
import WorkerProtocol

extension SitePolicy {
  /// What of the news of training under way may leave the site: how far it is, and the loss where the site's own figures may leave.
  func filter(_ progress: TrainingProgress) -> TrainingProgress {
    var released = progress
    if !release.perSiteMetrics { released.loss = nil }
    return released
  }

  /// What of the account of a site's data may leave it.
  ///
  /// Leaves out sets with fewer patients than the minimum, and smaller record counts. Paths, facts and values
  /// of the data stay at the site.
  func filter(_ data: SessionDescription) -> SessionDescription {
    var released = data
    released.facts = nil
    released.parts.removeAll { $0.patients > 0 && $0.patients < release.minimumPatients }
    released.findings = data.findings.map { finding in
      var finding = finding
      finding.places = []
      finding.values = nil
      // 0 stands with what concerns no record in particular.
      if let records = finding.records, (1..<release.minimumPatients).contains(records) {
        finding.records = nil
      }
      return finding
    }
    return released
  }
}
