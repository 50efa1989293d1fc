import Foundation

/// Supplies the dashboard's contents, and carries out visitors' requests.
///
/// The dashboard calls the source for each page, so answers should come from memory or a fast query. Answers
/// contain only counts, states and digests, never a patient's value. If a call throws a ``ConsiliumError``,
/// the visitor sees its message.
public protocol DashboardSource: Sendable {
  func overview() async throws -> Overview
  /// Returns a study; `nil` if there is no such study.
  func study(_ id: String) async throws -> StudyPage?
  /// Returns the file `report.html`; `nil` if it does not exist.
  func report(of id: String) async throws -> URL?
  /// The files of a study that can be downloaded, as with `study results`; empty before the study has ended.
  func files(of id: String) async throws -> [ResultFile]
  /// Returns a page that compares the results of studies, as `consilium compare` does.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if they cannot be compared.
  func comparison(of ids: [String]) async throws -> String
  /// Returns the entries of one study or of all, newest first.
  func audit(study: String?, limit: Int) async throws -> [AuditLine]
  /// Returns the changes from now on. The dashboard calls it once, and again after the stream has ended.
  func changes() -> AsyncStream<DashboardChange>
  /// Performs an action, or throws the reason why it cannot. The dashboard has already checked that the
  /// visitor's role allows it.
  func perform(_ action: DashboardAction, by visitor: Visitor) async throws
  func metrics() async -> [MetricSample]
  func health() async -> Health
}
