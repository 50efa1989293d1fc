import Credentials
import FederatedCore
import Foundation

/// A study lead's start of a study that the required sites have signed. Sites work only from then on, and
/// only until its last day.
public struct StartStatement: Statement {
  public static let kind = "consilium-study-start-1"

  /// How long a start is valid unless the lead states another date, in seconds: a year.
  public static let usualDuration = 366.0 * 86_400

  /// The study's digest.
  public var study: String
  /// The digest of the proposal, which names the invited sites.
  public var proposal: String
  public var time: Date
  /// When the agreement ends, even if the study has not.
  public var until: Date

  public init(study: String, proposal: String, time: Date, until: Date? = nil) {
    self.study = study
    self.proposal = proposal
    self.time = Moment.wholeSeconds(time)
    self.until = Moment.wholeSeconds(until ?? time + Self.usualDuration)
  }
}

/// A start with the lead's signature.
public typealias SignedStart = Signed<StartStatement>

extension Signed<StartStatement> {
  /// Verifies that a study lead has started this very proposal.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what is wrong.
  public func verify(for proposal: StudyProposal, by authority: Authority, at date: Date)
    throws(ConsiliumError)
  {
    do throws(ConsiliumError) {
      try verify(by: authority, role: .lead, at: date)
    } catch {
      throw ConsiliumError(error.code, "the start of the study is invalid: \(error.message)", cause: error)
    }
    guard statement.study == proposal.digest, statement.proposal == (try proposal.statement.digest()) else {
      throw ConsiliumError(
        .invalidInput, "the lead's start is about another study, or about another proposal of this study")
    }
    guard statement.until > date else {
      throw ConsiliumError(
        .invalidInput,
        "the lead's start was valid until \(statement.until.formatted(.iso8601)); a study lead must start the study "
          + "again")
    }
  }
}
