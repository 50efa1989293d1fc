import StudyProtocol
import WorkerProtocol

extension DataFinding {
  /// A finding of the study's own checks, as runs record it.
  public init(_ finding: ElementFinding) {
    self.init(
      severity: finding.severity == .error ? .error : .warning, site: finding.site, element: finding.element,
      records: finding.records, message: finding.message, places: finding.places, values: finding.values)
  }
}
