import FederatedCore
import Foundation

/// What a lead asks the sites to agree to.
public struct ProposalStatement: Statement {
  public static let kind = "consilium-study-proposal-1"

  /// The study's digest.
  public var study: String
  /// The SHA-256 of the study as the lead wrote it, comments and all, in hexadecimal.
  public var text: String
  /// The SHA-256 of the weights to start from, where the study names a file.
  public var initialModel: String?
  public var time: Date
  /// All sites that are asked, sorted.
  public var invited: [SiteID]
  /// The sites without which the study does not start, sorted.
  public var required: [SiteID]
  /// The fewest sites with which it starts.
  public var minimum: Int
}
