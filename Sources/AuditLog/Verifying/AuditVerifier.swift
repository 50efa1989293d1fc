import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Verifies an audit log without its writer, in one pass and little memory.
///
/// The chain tells what is changed, missing, reordered or duplicated; seals tell a chain that someone else made anew; anchors, which
/// signed round manifests carry, tell a tail that was cut off.
public struct AuditVerifier: Sendable {
  /// The most faults that are listed; the rest is counted.
  public static let mostFaults = 1000

  /// Whose certificates count; without one, a seal is checked against the certificate that it brings.
  public var authority: Authority?
  /// Whose log it must be; nil for whoever it says.
  public var owner: Party?
  /// Entries that the log must hold.
  public var anchors: [AuditAnchor]

  public init(authority: Authority? = nil, owner: Party? = nil, anchors: [AuditAnchor] = []) {
    (self.authority, self.owner, self.anchors) = (authority, owner, anchors)
  }

  /// Verifies a log, or the one in a folder.
  ///
  /// Faults of the log are results, not errors.
  /// - Throws: ``ConsiliumError``: `.invalidInput` where there is no such file, `.storage` where it cannot be read.
  public func verify(_ file: URL) throws(ConsiliumError) -> AuditVerification {
    var lines = try LineReader(AuditReader.log(at: file))
    var check = ChainCheck(seals: SealCheck(authority: authority), owner: owner, anchors: anchors)
    while let line = try lines.next() { check.take(line) }
    return check.finish(unfinished: lines.unfinished)
  }
}
