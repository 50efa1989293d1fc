import AuditLog
import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement

/// The site's own record of a study that it has signed: when its work began, and how the study ended. Once it has
/// ended here, it never begins again, whatever the coordinator shows.
struct StudyCourse: Codable, Equatable {
  struct Ending: Codable, Equatable {
    var state: StudyState
    var time: Date
  }

  /// The digest of the lead's start under which the site works; `nil` before the first.
  var start: String?
  /// When that start ends.
  var until: Date?
  /// `nil` until the study has ended.
  var ending: Ending?

  init() {}
}

extension StudyCourse.Ending: CustomStringConvertible {
  var description: String { "\(state.rawValue) at \(time.formatted(.iso8601))" }
}

extension AgentFolder {
  /// The record of a study; an empty record before its work begins.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file is damaged: without it, an ended study could
  ///   begin again.
  func course(_ id: String) throws(ConsiliumError) -> StudyCourse {
    let file = try courseFile(id)
    guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
      return StudyCourse()
    }
    do {
      return try CanonicalJSON.decode(StudyCourse.self, from: try Data(contentsOf: file))
    } catch {
      throw ConsiliumError(
        .storage, "'\(file.path(percentEncoded: false))' is damaged; restore it from a backup", cause: error)
    }
  }

  func save(_ course: StudyCourse, _ id: String) throws {
    let file = try courseFile(id)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try AtomicFile.write(try CanonicalJSON.encode(course, pretty: true), to: file)
  }

  private func courseFile(_ id: String) throws(ConsiliumError) -> URL {
    try study(id).appending(path: "course.json")
  }
}

/// Begins and ends studies at a site, each time first in its audit log and then in its own record.
struct StudyCourses: Sendable {
  let folder: AgentFolder
  let audit: AuditLog
  let party: @Sendable () -> Party
  let now: @Sendable () -> Date

  /// Takes up the work in a study under a lead's start, which the caller has verified.
  ///
  /// - Returns: the record, which says whether the study has ended here.
  func begin(_ id: String, digest: String, under start: SignedStart) async throws -> StudyCourse {
    var course = try folder.course(id)
    let name = try start.statement.digest()
    guard course.ending == nil, course.start != name else { return course }
    try await audit.append(
      AuditRecord(
        .studyStarted, by: start.signer, of: AuditSubject(study: id, digest: digest),
        details: ["start": name, "until": start.statement.until.formatted(.iso8601)]), at: now())
    course.start = name
    course.until = start.statement.until
    try folder.save(course, id)
    return course
  }

  /// Ends a study for good.
  func end(_ id: String, digest: String, as state: StudyState) async throws {
    var course = try folder.course(id)
    guard course.ending == nil else { return }
    try await audit.append(
      AuditRecord(
        .studyEnded, by: party(), of: AuditSubject(study: id, digest: digest),
        details: ["state": state.rawValue]), at: now())
    course.ending = .init(state: state, time: Moment.wholeSeconds(now()))
    try folder.save(course, id)
  }

  /// Records that the coordinator shows an ended study as running.
  func reopened(_ id: String, digest: String, after ending: StudyCourse.Ending) async throws {
    try await audit.append(
      AuditRecord(
        .studyReopened, by: party(), of: AuditSubject(study: id, digest: digest),
        details: ["ended": ending.description]), at: now())
  }
}
