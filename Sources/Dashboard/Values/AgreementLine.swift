import FederatedCore
import Foundation

/// A site's decision on a study.
public struct AgreementLine: Sendable, Equatable {
  public enum Decision: String, Sendable, CaseIterable { case signed, declined, waiting }

  public var site: SiteID
  public var title: String?
  /// Whether the study requires this site.
  public var isRequired: Bool
  public var decision: Decision
  /// The signer, as named in the certificate.
  public var signer: String?
  public var time: Date?
  /// The site's reason for declining.
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
