import FederatedCore
import StudyProtocol

extension DataFinding {
  /// Creates a finding from the study's own checks, as recorded by runs.
  public init(_ finding: ElementFinding) {
    self.init(
      severity: finding.severity == .error ? .error : .warning, site: finding.site, element: finding.element,
      records: finding.records, message: finding.message, places: finding.places, values: finding.values)
  }
}
