import FederatedCore
import Foundation

/// What one site decided on a study.
public struct AgreementLine: Sendable, Equatable {
  public enum Decision: String, Sendable, CaseIterable { case signed, declined, waiting }

  public var site: SiteID
  public var title: String?
  /// Whether the study cannot start without this site.
  public var isRequired: Bool
  public var decision: Decision
  /// Who decided, as the certificate names them.
  public var signer: String?
  public var time: Date?
  /// Why the site declined.
  public var reason: String?

  public init(
    site: SiteID, title: String? = nil, isRequired: Bool, decision: Decision, signer: String? = nil,
    time: Date? = nil, reason: String? = nil
  ) {
    self.site = site
    self.title = title
    self.isRequired = isRequired
    self.decision = decision
    self.signer = signer
    self.time = time
    self.reason = reason
  }
}
