import Foundation
import Synchronization

/// Bounds how often signing in may fail from one address.
final class AttemptLimit: Sendable {
  static let attempts = 5
  /// In seconds.
  static let window: TimeInterval = 15 * 60
  private static let addressLimit = 10_000

  private let failures = Mutex<[String: [Date]]>([:])

  /// How many seconds the address must wait; nil where it may try.
  func wait(for address: String, now: Date) -> TimeInterval? {
    failures.withLock { failures in
      let recent = (failures[address] ?? []).filter { now.timeIntervalSince($0) < Self.window }
      guard recent.count >= Self.attempts, let first = recent.first else { return nil }
      return Self.window - now.timeIntervalSince(first)
    }
  }

  func noteFailure(of address: String, now: Date) {
    failures.withLock { failures in
      if failures.count >= Self.addressLimit {
        failures = failures.filter { now.timeIntervalSince($0.value.last ?? .distantPast) < Self.window }
      }
      // A flood from more addresses than that is not worth remembering: a token has 123 bits.
      guard failures.count < Self.addressLimit || failures[address] != nil else { return }
      failures[address] = ((failures[address] ?? []) + [now]).suffix(Self.attempts)
    }
  }

  func forget(_ address: String) { failures.withLock { $0[address] = nil } }
}
