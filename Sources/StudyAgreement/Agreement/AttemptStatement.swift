import Credentials
import FederatedCore
import Foundation

/// The coordinator's statement that it has lost rounds and begins them again, for example after it was
/// restored from an old backup. Sites then answer the questions of these rounds once more, and no others.
///
/// The study limits the number of attempts. Every site logs each of them.
public struct AttemptStatement: Statement {
  public static let kind = "consilium-attempt-1"

  /// The study's digest.
  public var study: String
  /// The number of the attempt. The study's start is attempt 1, so this is at least 2.
  public var number: Int
  public var time: Date
  /// Why the rounds were lost, in the words of the person who began the attempt.
  public var reason: String
  /// The last round of each arm that is not repeated. An arm that is missing begins with round 1.
  public var after: [String: Int]

  public init(study: String, number: Int, time: Date, reason: String, after: [String: Int]) {
    self.study = study
    self.number = number
    self.time = Moment.wholeSeconds(time)
    self.reason = reason
    self.after = after
  }
}

/// An attempt with the coordinator's signature.
public typealias SignedAttempt = Signed<AttemptStatement>

extension StudyMandate {
  /// Verifies that the attempts are those of this study, in order, and not more than the study allows.
  ///
  /// - Parameter limit: the number of attempts that the study allows, the first included.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what is wrong.
  func verifyAttempts(of digest: String, limit: Int, by authority: Authority, at date: Date)
    throws(ConsiliumError)
  {
    guard attempts.count < max(1, limit) else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator shows attempt \(attempts.count + 1), but the study allows \(limit) (federation.attempts)"
      )
    }
    for (index, attempt) in attempts.enumerated() {
      let what = "attempt \(index + 2) of the coordinator is invalid: "
      do throws(ConsiliumError) {
        try attempt.verify(by: authority, role: .coordinator, at: date)
      } catch {
        throw ConsiliumError(error.code, what + error.message, cause: error)
      }
      guard attempt.statement.study == digest, attempt.statement.number == index + 2 else {
        throw ConsiliumError(.invalidInput, what + "it is about another study, or has another number")
      }
    }
  }
}
