import FederatedCore
import Foundation
import StudyProtocol

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
  /// The sites that every round of an arm requires. For the baseline `local-SITE`, only that site. If the sites of
  /// a round are drawn, no site is in every round, although all must sign.
  ///
  /// - Parameter study: The study that was proposed; `nil` if it cannot be read.
  public func required(in arm: String, of study: Study?) -> [SiteID] {
    if let site = invited.first(where: { "local-\($0)" == arm }) { return [site] }
    return study?.federation.sampling == nil ? required : []
  }
}
