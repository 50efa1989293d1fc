import FederatedCore
import Foundation

/// What a lead asks the sites to agree to.
public struct ProposalStatement: Statement {
  public static let kind = "consilium-study-proposal-1"

  /// The study's digest.
  public var study: String
  /// The SHA-256 of the study as the lead wrote it, comments and all, in hexadecimal.
  public var text: String
  /// The digest of the file of weights to start from, in hexadecimal, as it names the file on the network;
  /// `nil` if the study names none.
  public var initialModel: String?
  public var time: Date
  /// All sites that are asked, sorted.
  public var invited: [SiteID]
  /// The sites without which the study does not start, sorted.
  public var required: [SiteID]
  /// The fewest sites with which it starts.
  public var minimum: Int
}

extension ProposalStatement {
  /// The sites without which a round of an arm is not what was agreed: a baseline `local-SITE` is one site's by itself.
  public func required(in arm: String) -> [SiteID] {
    invited.first { "local-\($0)" == arm }.map { [$0] } ?? required
  }
}
