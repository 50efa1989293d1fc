import AuditLog
import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement

/// Stores the permits of a site's staff to release numbers about almost the same patients again.
///
/// Staff sign a permit with a command; the agent records it in the site's audit log before it takes effect.
public struct OverlapPermits: Sendable {
  private let folder: AgentFolder

  public init(_ folder: AgentFolder) { self.folder = folder }

  /// The names of the sets about which numbers have left the site, in all its studies.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func releasedSets() throws -> [String] { try FileReleaseHistory(folder.releasedSets).names() }

  /// Saves a signed permit. It replaces an earlier one for the same study.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func keep(_ permit: OverlapPermit, for study: String) throws {
    try DurableFolder.create(folder.study(study))
    try AtomicFile.write(try CanonicalJSON.encode(permit, pretty: true), to: try file(study))
  }

  /// Takes up the permit for a study. A permit that is new is first recorded in the audit log.
  ///
  /// - Parameter digest: The digest of the study that the site has signed.
  /// - Returns: The names of the earlier sets that do not count in this study; empty without a permit.
  /// - Throws: ``ConsiliumError``: `.storage` if a file cannot be read or the log cannot be written,
  ///   `.invalidInput` if the permit is not this site's, or is for another study.
  func takeUp(
    _ study: String, digest: String, of party: Party, by authority: Authority, in audit: AuditLog,
    at date: Date
  ) async throws -> Set<String> {
    guard let data = try AtomicFile.contents(of: try file(study)) else { return [] }
    let permit = try read(data, study)
    let statement = permit.statement
    do {
      try permit.verify(by: authority, from: party, at: date)
    } catch {
      throw ConsiliumError(
        error.code, "the overlap permit for study '\(study)' is invalid: \(error.message)", cause: error)
    }
    guard statement.study == digest, statement.site.rawValue == party.name else {
      throw ConsiliumError(
        .invalidInput,
        "the overlap permit for study '\(study)' is for another study or site; sign it again with 'consilium site permit-overlap'"
      )
    }
    let name = try statement.digest()
    let mark = try folder.study(study).appending(path: "overlap-permit-entered")
    guard try AtomicFile.contents(of: mark) != Data(name.utf8) else { return Set(statement.sets) }
    try await audit.append(
      AuditRecord(
        .overlapPermitted, by: permit.signer,
        of: AuditSubject(study: study, digest: statement.study, site: statement.site),
        details: [
          "permit": name, "person": statement.person, "reason": statement.reason,
          "sets": "\(statement.sets.count)", "time": permit.signature.time?.formatted(.iso8601) ?? "",
        ].filter { !$0.value.isEmpty }), at: date)
    try AtomicFile.write(Data(name.utf8), to: mark)
    return Set(statement.sets)
  }

  private func file(_ study: String) throws(ConsiliumError) -> URL {
    try folder.study(study).appending(path: "overlap-permit.json")
  }

  private func read(_ data: Data, _ study: String) throws(ConsiliumError) -> OverlapPermit {
    do {
      return try CanonicalJSON.decode(OverlapPermit.self, from: data)
    } catch {
      throw ConsiliumError(
        .storage,
        "'\(try file(study).path(percentEncoded: false))' is damaged; sign the permit again with 'consilium site permit-overlap'",
        cause: error)
    }
  }
}
