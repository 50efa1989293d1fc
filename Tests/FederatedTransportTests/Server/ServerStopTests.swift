import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FederatedTransport

/// swift-nio ends the process if a connection that was accepted is dropped before it is served.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ServerStopTests {
  /// Strangers connect without a pause while the server's task is cancelled.
  @Test func serverThatIsCancelledDropsNoAcceptedConnection() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits.unauthenticatedPerAddress = 1 << 20
      consortium.limits.perAddress = 1 << 20
      consortium.limits.total = 1 << 20
      let rounds = ProcessInfo.processInfo.environment["CONSILIUM_STOPS"].flatMap(Int.init) ?? 20
      for round in 0..<rounds {
        let flood = Flood()
        try await consortium.withServer { _, port in
          flood.begin(at: port)
          try await Task.sleep(for: .milliseconds(round % 10))
        }
        flood.end()
      }
    }
  }
}

/// Threads that open and close connections until they are told to end.
private final class Flood: Sendable {
  private let isOver = Atomic(false)

  func begin(at port: Int) {
    for _ in 0..<4 {
      Thread.detachNewThread { while !self.isOver.load(ordering: .relaxed) { Self.connect(port) } }
    }
  }

  func end() { isOver.store(true, ordering: .relaxed) }

  private static func connect(_ port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    // Close with a reset, so that no port waits for late packets.
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
