import Foundation
import Synchronization

/// Bounds how often signing in may fail from one address.
final class AttemptLimit: Sendable {
  static let attempts = 5
  /// In seconds.
  static let window: TimeInterval = 15 * 60
  private static let addressLimit = 10_000

  private let attempts = Mutex<[String: [Date]]>([:])

  /// Begins an attempt, which counts as failed until ``forget(_:)``, so that many at once are no way around the limit.
  ///
  /// - Returns: the seconds that the address must wait instead; nil where it may try.
  func begin(from address: String, now: Date) -> TimeInterval? {
    attempts.withLock { attempts in
      let recent = (attempts[address] ?? []).filter { now.timeIntervalSince($0) < Self.window }
      if recent.count >= Self.attempts, let first = recent.first {
        return Self.window - now.timeIntervalSince(first)
      }
      if attempts.count >= Self.addressLimit {
        attempts = attempts.filter { now.timeIntervalSince($0.value.last ?? .distantPast) < Self.window }
      }
      // A flood from more addresses than that is not worth remembering: a token has 123 bits.
      if attempts.count < Self.addressLimit || attempts[address] != nil { attempts[address] = recent + [now] }
      return nil
    }
  }

  /// The attempt succeeded.
  func forget(_ address: String) { attempts.withLock { $0[address] = nil } }
}
