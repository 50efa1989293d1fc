import Foundation
import Synchronization

/// Limits the number of failed sign-ins from one address.
final class AttemptLimit: Sendable {
  static let attempts = 5
  /// The length of the window in seconds.
  static let window: TimeInterval = 15 * 60
  private static let addressLimit = 10_000

  private let attempts = Mutex<[String: [Date]]>([:])

  /// Begins an attempt. The attempt counts as failed until ``forget(_:)`` is called, so that parallel
  /// attempts cannot exceed the limit.
  ///
  /// - Returns: The number of seconds that the address must wait; `nil` if it may try.
  func begin(from address: String, now: Date) -> TimeInterval? {
    attempts.withLock { attempts in
      let recent = (attempts[address] ?? []).filter { now.timeIntervalSince($0) < Self.window }
      if recent.count >= Self.attempts, let first = recent.first {
        return Self.window - now.timeIntervalSince(first)
      }
      if attempts.count >= Self.addressLimit {
        attempts = attempts.filter { now.timeIntervalSince($0.value.last ?? .distantPast) < Self.window }
      }
      // Do not record more addresses than the limit, so that a flood cannot fill the memory. Guessing stays
      // hopeless even without a record: a token has 123 bits.
      if attempts.count < Self.addressLimit || attempts[address] != nil { attempts[address] = recent + [now] }
      return nil
    }
  }

  /// Clears the failures of an address after a successful attempt.
  func forget(_ address: String) { attempts.withLock { $0[address] = nil } }
}
