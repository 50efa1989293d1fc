import FederatedCore
import Foundation
import GRPCCore

/// The bytes with which a link is tried.
enum LinkProbe {
  /// The most that one question or answer carries.
  static let mostBytes = 128 << 10
  /// Calls that are under way at once, so that a long way does not look like a slow one.
  static let lanes = 8
  /// What is enough to know, in bytes and in time.
  static let (enoughBytes, enoughTime) = (4 << 20, Duration.milliseconds(750))

  /// What no program on the way can make smaller.
  static let noise: Data = {
    var generator = RandomStream(seed: 0)
    return Data((0..<mostBytes / 8).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) })
  }()
}

extension CoordinatorClient {
  /// Tries how fast the link is, in some seconds at most on any link that can be worked with.
  ///
  /// - Throws: ``ConsiliumError`` where the coordinator is out of reach or does not answer in time.
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

  /// Bytes a second that `move` moves when it is called again and again, on several lanes.
  private func rate(_ move: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    let moved = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<LinkProbe.lanes {
        group.addTask {
          // Little at first, so that a slow link is not kept busy for minutes.
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
      throw messageFault("\(reply.payload.count) bytes where \(down) were asked for")
    }
  }
}
