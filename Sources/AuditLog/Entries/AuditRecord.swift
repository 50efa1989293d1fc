import Credentials
import FederatedCore

/// An event for the audit log, as a caller reports it: who did what, to what.
///
/// Details are counts, digests, names of settings and reasons; never a patient's value, name or pixel.
public struct AuditRecord: Sendable, Equatable {
  /// The maximum length of a detail. Longer texts are truncated, so that a long reason never keeps an entry
  /// out of the log.
  public static let longestDetail = 1000

  public var actor: Party
  public var action: AuditAction
  public var subject: AuditSubject
  public private(set) var details: [String: String]

  /// - Parameter details: Values longer than ``longestDetail`` Unicode scalars are truncated.
  public init(
    _ action: AuditAction, by actor: Party, of subject: AuditSubject = AuditSubject(),
    details: [String: String] = [:]
  ) {
    self.actor = actor
    self.action = action
    self.subject = subject
    self.details = details.mapValues {
      let scalars = $0.unicodeScalars
      guard scalars.count > Self.longestDetail else { return $0 }
      return String(String.UnicodeScalarView(scalars.prefix(Self.longestDetail - 1))) + "…"
    }
  }
}

/// The subject of an entry; properties that do not apply are `nil`.
public struct AuditSubject: Sendable, Codable, Hashable {
  /// The study's short name.
  public var study: String?
  /// The study's SHA-256, in hexadecimal.
  public var digest: String?
  public var arm: String?
  /// The round's number, counted from 1.
  public var round: Int?
  public var site: SiteID?

  public init(
    study: String? = nil, digest: String? = nil, arm: String? = nil, round: Int? = nil, site: SiteID? = nil
  ) {
    self.study = study
    self.digest = digest
    self.arm = arm
    self.round = round
    self.site = site
  }

  /// Whether the subject is the study with this name. At least six characters from the beginning of a study's
  /// digest are also accepted as its name.
  public func isOf(study name: String) -> Bool {
    study == name || name.count >= 6 && digest?.hasPrefix(name.lowercased()) == true
  }
}
