import Foundation

/// Where the dashboard takes what it shows, and who carries out what visitors ask for.
///
/// The dashboard asks at each page, so answers should come from memory or a fast query, and hold counts, states and digests
/// only: never a patient's value. A ``ConsiliumError`` that is thrown is shown to the visitor.
public protocol DashboardSource: Sendable {
  func overview() async throws -> Overview
  /// Nil where there is no such study.
  func study(_ id: String) async throws -> StudyPage?
  /// The file `report.html`; nil where there is none.
  func report(of id: String) async throws -> URL?
  /// The files of a study that can be downloaded, as with `study results`; empty before the study has ended.
  func files(of id: String) async throws -> [ResultFile]
  /// Returns a page that compares the results of studies, as `consilium compare` does.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if they cannot be compared.
  func comparison(of ids: [String]) async throws -> String
  /// The newest entries first; of one study, or of all.
  func audit(study: String?, limit: Int) async throws -> [AuditLine]
  /// What changes from now on; asked for once, and again after it ends.
  func changes() -> AsyncStream<DashboardChange>
  /// Does it, or throws why it cannot be done; the dashboard has checked that the visitor's role allows it.
  func perform(_ action: DashboardAction, by visitor: Visitor) async throws
  func metrics() async -> [MetricSample]
  func health() async -> Health
}
