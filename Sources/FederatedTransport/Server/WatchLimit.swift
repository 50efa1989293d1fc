import Credentials
import GRPCCore
import Synchronization

/// Counts the event streams that each party follows, so that none takes them all.
final class WatchLimit: Sendable {
  /// The maximum number of streams of one party, more than one person can look at.
  static let perParty = 16

  private let counts = Mutex<[Party: Int]>([:])

  /// - Throws: `RPCError` with code `.resourceExhausted` if the party follows too many.
  func enter(_ party: Party) throws {
    try counts.withLock { counts in
      guard counts[party, default: 0] < Self.perParty else {
        throw RPCError(
          code: .resourceExhausted,
          message: "\(party) already follows \(Self.perParty) event streams; end one of them first")
      }
      counts[party, default: 0] += 1
    }
  }

  func leave(_ party: Party) {
    counts.withLock { counts in
      let count = (counts[party] ?? 1) - 1
      counts[party] = count > 0 ? count : nil
    }
  }
}
