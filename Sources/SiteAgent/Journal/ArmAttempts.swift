import FederatedCore
import Foundation
import StudyAgreement

/// The attempts at one arm: since which round the questions of each attempt are asked anew.
struct ArmAttempts: Sendable, Equatable {
  struct Attempt: Sendable, Equatable {
    var number: Int
    /// The last round that the attempt does not repeat.
    var after: Int
  }

  /// In the order of their numbers, from attempt 2 on.
  var attempts: [Attempt]

  static let first = ArmAttempts(attempts: [])

  init(attempts: [Attempt]) { self.attempts = attempts }

  init(_ signed: [SignedAttempt], of arm: String) {
    attempts = signed.map { Attempt(number: $0.statement.number, after: $0.statement.after[arm] ?? 0) }
  }

  /// The number of the attempt to which a round belongs.
  func number(of round: Int) -> Int { attempts.last { $0.after < round }?.number ?? 1 }

  /// The name of a file or folder of an attempt.
  static func name(_ name: String, of number: Int) -> String { number == 1 ? name : "\(name)-\(number)" }
}
