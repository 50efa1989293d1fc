import FederatedCore
import StudyProtocol

extension SiteSessions {
  /// The objections of each site's policy, as the site's agent would raise them.
  ///
  /// - Parameters:
  ///   - studies: One copy of the study for each workflow of the run.
  ///   - parameterCount: The number of the model's parameters.
  func objections(to studies: [Study], parameterCount: Int) -> [SiteID: [PolicyObjection]] {
    sites.reduce(into: [:]) { all, site in
      var found: [PolicyObjection] = []
      for study in studies {
        let objections = site.policy?.objections(
          to: study, parameterCount: parameterCount, patients: site.description.parts.patients)
        found += (objections ?? []).filter { !found.contains($0) }
      }
      all[site.id] = found
    }
  }

  /// The part of a finding that the site releases.
  func released(_ finding: DataFinding) -> DataFinding {
    guard let site = sites.first(where: { $0.id == finding.site }) else { return finding }
    var description = site.description
    description.findings = [finding]
    return site.gate.release(description).content.findings.first ?? finding
  }
}
