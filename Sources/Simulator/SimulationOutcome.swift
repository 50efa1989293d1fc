import Foundation
import Reporting

/// The result of a simulation.
public struct SimulationOutcome: Sendable {
  public var results: StudyResults
  /// The report, `report.html` in the run folder.
  public var report: URL

  public init(results: StudyResults, report: URL) { (self.results, self.report) = (results, report) }
}
