import AuditLog
import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement

/// The site's own record of a study that it has signed: when its work began, and how the study ended.
/// Once it has ended here, it never begins again, whatever the coordinator shows.
struct StudyCourse: Codable, Equatable {
  struct Ending: Codable, Equatable {
    var state: StudyState
    var time: Date
  }

  /// The digest of the lead's start under which the site works; `nil` before the first.
  var start: String?
  /// When that start ends.
  var until: Date?
  /// The digests of the coordinator's attempts after the first, in order; `nil` if there were none.
  var attempts: [String]?
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
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file is damaged: without it, an ended study
  ///   could begin again.
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
    try DurableFolder.create(file.deletingLastPathComponent())
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

  /// Takes note of the coordinator's attempts, which the caller has verified.
  ///
  /// - Returns: the new attempts.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if an attempt differs from the one that the
  ///   site knows under its number.
  func attempt(_ id: String, digest: String, _ attempts: [SignedAttempt]) async throws -> [SignedAttempt] {
    var course = try folder.course(id)
    let (known, shown) = (course.attempts ?? [], try attempts.map { try $0.statement.digest() })
    guard shown.starts(with: known) else {
      throw ConsiliumError(
        .invalidInput,
        "this site knows \(known.count + 1) attempts of the coordinator, and the coordinator shows other ones or fewer; a "
          + "coordinator that has lost an attempt cannot continue the study")
    }
    let new = attempts.dropFirst(known.count)
    guard course.ending == nil || new.isEmpty else {
      throw ConsiliumError(.invalidInput, "the study has ended at this site, so no new attempt begins")
    }
    for attempt in new {
      let statement = attempt.statement
      try await audit.append(
        AuditRecord(
          .attemptBegun, by: attempt.signer, of: AuditSubject(study: id, digest: digest),
          details: [
            "attempt": "\(statement.number)", "reason": String(statement.reason.prefix(1000)),
            "after": statement.after.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
              .joined(separator: ", "),
          ].filter { !$0.value.isEmpty }), at: now())
    }
    guard !new.isEmpty else { return [] }
    course.attempts = shown
    try folder.save(course, id)
    return Array(new)
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
