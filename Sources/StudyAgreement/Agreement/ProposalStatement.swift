import FederatedCore
import Foundation

/// A study lead's request to the sites to agree to a study.
public struct ProposalStatement: Statement {
  public static let kind = "consilium-study-proposal-1"

  /// The study's digest.
  public var study: String
  /// The SHA-256 of the study as the lead wrote it, comments and all, in hexadecimal.
  public var text: String
  /// The digest that names the file of initial weights on the network, in hexadecimal; `nil` if the study
  /// names no such file.
  public var initialModel: String?
  public var time: Date
  /// All invited sites, sorted.
  public var invited: [SiteID]
  /// The sites that the study requires in order to start, sorted.
  public var required: [SiteID]
  /// The smallest number of sites with which the study starts.
  public var minimum: Int
}

extension ProposalStatement {
  /// The sites that every round of an arm requires. For the baseline `local-SITE`, only that site.
  public func required(in arm: String) -> [SiteID] {
    invited.first { "local-\($0)" == arm }.map { [$0] } ?? required
  }
}
