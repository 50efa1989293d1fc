import Etcd
import FederatedTransport
import Logging
import ServiceLifecycle

/// An anchor's etcd and its network server, as a service.
///
/// The server listens at once: several anchors reach each other through it before their etcd processes have
/// found a majority. Until then, calls are told that the register is not available.
struct AnchorLife: Service {
  let etcd: EtcdSupervisor
  let register: EtcdRegister
  /// The ways to the etcd processes of the other anchors.
  let tunnels: [PeerTunnel]
  let server: FederationServer
  let logger: Logger
  /// Called with the port when the server listens.
  let onListening: @Sendable (Int) -> Void
  /// How long the server may take to finish its calls. After this time, streams that never end by themselves
  /// are cut off.
  private static let grace = Duration.seconds(1)

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await etcd.run() }
      group.addTask { try await register.run() }
      group.addTask { try await server.run() }
      for tunnel in tunnels { group.addTask { try await tunnel.run() } }
      group.addTask {
        let port: Int
        do {
          port = try await server.port
        } catch {
          // Wait, so that the server throws first: its error states better why it cannot listen.
          try await Task.sleep(for: .seconds(10))
          throw error
        }
        onListening(port)
        try await gracefulShutdown()
      }
      // Does not end the service: an anchor waits for a majority as long as it takes.
      let readiness = Task { await announceRegister() }
      defer { readiness.cancel() }
      let result = await Result(awaiting: { try await group.next() })
      server.shutDown()
      group.addTask { try? await Task.sleep(for: Self.grace) }
      _ = await Result(awaiting: { try await group.next() })
      group.cancelAll()
      _ = try result.get()
    }
  }

  private func announceRegister() async {
    while !Task.isCancelled {
      do {
        try await register.waitUntilReady(.seconds(60))
        return logger.notice("the register answers")
      } catch is CancellationError {
        return
      } catch {
        logger.warning("the register does not answer yet: \(error)")
      }
    }
  }
}
