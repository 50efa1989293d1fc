import AuditLog
import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement

/// Stores the staff's decisions on studies until the agent records them in the site's audit log.
///
/// The log has one writer, the agent, but staff decide with separate commands. So a command saves the signed
/// decision in the agent's folder, and the agent records every new one.
public struct DecisionLog: Sendable {
  private let folder: AgentFolder

  public init(_ folder: AgentFolder) { self.folder = folder }

  /// Saves a signed decision.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func keep(_ decision: SiteDecision, about study: String) throws {
    try DurableFolder.create(folder.study(study))
    try AtomicFile.write(
      try CanonicalJSON.encode(decision, pretty: true),
      to: try file(of: decision.statement.revision, study))
  }

  /// Removes a decision that the coordinator did not accept.
  ///
  /// - Throws: an error of the file system.
  public func forget(_ decision: SiteDecision, about study: String) throws {
    try AtomicFile.remove(file(of: decision.statement.revision, study))
  }

  /// Records the new decisions in the log, in order. After a crash, the last decision may be recorded twice.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if a file cannot be read or the log cannot be written.
  func enter(_ study: String, in audit: AuditLog, at date: Date) async throws {
    let mark = try folder.study(study).appending(path: "decisions-entered")
    let entered = try AtomicFile.contents(of: mark).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    for decision in try decisions(about: study) where decision.statement.revision > entered {
      let statement = decision.statement
      var details = [
        "decision": try statement.digest(), "policy": statement.policy, "data": statement.data,
        "time": decision.signature.time?.formatted(.iso8601) ?? "",
      ]
      details["reason"] = statement.reason
      try await audit.append(
        AuditRecord(
          statement.verdict == .signed ? .studySigned : .studyDeclined, by: decision.signer,
          of: AuditSubject(study: study, digest: statement.study, site: statement.site),
          details: details.filter { !$0.value.isEmpty }), at: date)
      try AtomicFile.write(Data("\(statement.revision)".utf8), to: mark)
    }
  }

  private func file(of revision: Int, _ study: String) throws -> URL {
    try folder.study(study).appending(path: "decision-\(revision).json")
  }

  private func decisions(about study: String) throws -> [SiteDecision] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.study(study).path)) ?? []
    let revisions = names.compactMap { name in
      name.wholeMatch(of: /decision-([0-9]+)\.json/).flatMap { Int($0.1) }
    }
    return try revisions.sorted().map { revision in
      let file = try file(of: revision, study)
      do {
        return try CanonicalJSON.decode(SiteDecision.self, from: Data(contentsOf: file))
      } catch {
        throw ConsiliumError(
          .storage,
          "'\(file.path(percentEncoded: false))' is damaged, so this site's decision is not in its audit log; restore it from a backup, or "
            + "remove it and decide on the study again", cause: error)
      }
    }
  }
}
