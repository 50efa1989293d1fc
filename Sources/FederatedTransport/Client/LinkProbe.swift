import FederatedCore
import Foundation
import GRPCCore

/// The settings for measuring the speed of a link.
enum LinkProbe {
  /// The maximum size of a request or reply, in bytes.
  static let mostBytes = 128 << 10
  /// The number of concurrent calls. Several calls keep a link with a long delay busy, so that it does not
  /// look slow.
  static let lanes = 8
  /// A measurement ends after this number of bytes, or after this time.
  static let (enoughBytes, enoughTime) = (4 << 20, Duration.milliseconds(750))

  /// The bytes that are sent. They are random, so that no device on the path can compress them.
  static let noise: Data = {
    var generator = RandomStream(seed: 0)
    return Data((0..<mostBytes / 8).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) })
  }()
}

extension CoordinatorClient {
  /// Measures the speed of the link. Takes a few seconds on any link that is fast enough for training.
  ///
  /// - Throws: ``ConsiliumError`` if the coordinator is unreachable or does not answer in time.
  public func measureLink() async throws -> LinkMeasurement {
    let clock = ContinuousClock()
    var roundTrip = Duration.seconds(60)
    for _ in 0..<3 { roundTrip = min(roundTrip, try await clock.measure { try await probe(up: 0, down: 0) }) }
    return LinkMeasurement(
      roundTrip: roundTrip / .seconds(1), download: try await rate { try await probe(up: 0, down: $0) },
      upload: try await rate {
        try await link.pacer?.take($0)
        try await probe(up: $0, down: 0)
      })
  }

  /// The rate in bytes per second of repeated concurrent calls of `move`.
  private func rate(_ move: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    let moved = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<LinkProbe.lanes {
        group.addTask {
          // Start small, so that a slow link is not busy for minutes.
          var (size, moved) = (16 << 10, 0)
          repeat {
            try await move(size)
            moved += size
            size = min(2 * size, LinkProbe.mostBytes)
          } while clock.now - begin < LinkProbe.enoughTime && moved < LinkProbe.enoughBytes / LinkProbe.lanes
          return moved
        }
      }
      return try await group.reduce(0, +)
    }
    return Double(moved) / max(1e-6, (clock.now - begin) / .seconds(1))
  }

  private func probe(up: Int, down: Int) async throws {
    let reply = try await link.persistently {
      try await coordination.probeLink(
        .with { ($0.payload, $0.replyBytes) = (LinkProbe.noise.prefix(up), UInt32(down)) },
        options: .timeout(.seconds(60)))
    }
    guard reply.payload.count == down else {
      throw messageFault("\(reply.payload.count) bytes instead of the requested \(down)")
    }
  }
}
