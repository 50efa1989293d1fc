import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Verifies an audit log independently of its writer, in one pass and little memory.
///
/// The chain reveals entries that are changed, missing, reordered or duplicated. Seals reveal a chain that
/// someone else rebuilt. Anchors, which are stored in signed round manifests, reveal entries that were cut
/// off at the end.
public struct AuditVerifier: Sendable {
  /// The maximum number of problems that are listed; further ones are only counted.
  public static let mostFaults = 1000

  /// The authority whose certificates are valid. Without an authority, a seal is checked against the
  /// certificate that it contains.
  public var authority: Authority?
  /// The required owner of the log; `nil` accepts the owner that the log names.
  public var owner: Party?
  /// Entries that the log must contain.
  public var anchors: [AuditAnchor]

  public init(authority: Authority? = nil, owner: Party? = nil, anchors: [AuditAnchor] = []) {
    self.authority = authority
    self.owner = owner
    self.anchors = anchors
  }

  /// Verifies a log, or the log in a folder.
  ///
  /// Problems of the log are results, not errors.
  /// - Throws: ``ConsiliumError``: `.invalidInput` if there is no such file, `.storage` if it cannot be read.
  public func verify(_ file: URL) throws(ConsiliumError) -> AuditVerification {
    var lines = try LineReader(AuditReader.log(at: file))
    var check = ChainCheck(seals: SealCheck(authority: authority), owner: owner, anchors: anchors)
    while let line = try lines.next() { check.take(line) }
    return check.finish(unfinished: lines.unfinished)
  }
}
