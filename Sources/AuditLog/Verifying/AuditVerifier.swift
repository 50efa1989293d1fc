import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Verifies an audit log independently of its writer, in one pass and little memory.
///
/// The chain reveals entries that are changed, missing, reordered or duplicated. Seals reveal a chain that
/// someone else rebuilt. Anchors, which signed round manifests and contributions carry, reveal entries that
/// were cut off at the end, and a log that was replaced or emptied.
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
  /// Documents that name entries of logs. Each of them must name an entry of this log.
  public var documents: [AnchorDocument]

  public init(
    authority: Authority? = nil, owner: Party? = nil, anchors: [AuditAnchor] = [],
    documents: [AnchorDocument] = []
  ) {
    self.authority = authority
    self.owner = owner
    self.anchors = anchors
    self.documents = documents
  }

  /// Verifies a log, or the log in a folder.
  ///
  /// Problems of the log are results, not errors.
  /// - Throws: ``ConsiliumError``: `.invalidInput` if there is no such file, `.storage` if it cannot be read.
  public func verify(_ file: URL) throws(ConsiliumError) -> AuditVerification {
    let file = AuditReader.log(at: file)
    // Who owns the log decides which entries the documents name.
    var owner = self.owner
    if owner == nil { owner = try AuditReader.owner(of: file) }
    let named = documents.map { (document: $0, anchors: owner.map($0.anchors) ?? []) }
    var lines = try LineReader(file)
    var check = ChainCheck(
      seals: SealCheck(authority: authority), owner: self.owner, anchors: anchors + named.flatMap(\.anchors))
    while let line = try lines.next() { check.take(line) }
    var result = check.finish(unfinished: lines.unfinished)
    for (document, anchors) in named where anchors.isEmpty {
      result.add(
        .unanchored,
        "'\(document.name)' names no entry of the log of \(owner?.description ?? "an unknown owner"): that party did not "
          + "take part in its rounds, or version 0.1 made it. Verify the log without it, or with an --anchor")
    }
    return result
  }
}

/// A signed document that names entries of several parties' logs, such as a model's manifest.
public struct AnchorDocument: Sendable {
  /// The name for messages, such as the file's path.
  public var name: String
  /// The entries that the log of a party must contain.
  public var anchors: @Sendable (Party) -> [AuditAnchor]

  public init(name: String, anchors: @escaping @Sendable (Party) -> [AuditAnchor]) {
    self.name = name
    self.anchors = anchors
  }
}
