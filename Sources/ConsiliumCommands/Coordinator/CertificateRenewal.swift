import Credentials
import FederatedTransport
import Logging
import ServiceLifecycle

/// Applies renewed certificates and new revocations while a server runs.
struct CertificateRenewal: Service {
  let keeper: IdentityKeeper
  let server: FederationServer
  let logger: Logger
  /// Called after a renewal or a new revocation list, before the server applies it.
  var changed: @Sendable (IdentityChange) async -> Void = { _ in }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await watch() }
        group.addTask { try? await closeExpired() }
      }
    }
  }

  private func watch() async throws {
    try await keeper.watch(fault: { logger.error("\($0.message)") }) { change in
      await changed(change)
      server.update(change.authority)
      logger.notice("\(change)")
    }
  }

  /// Closes the connections of expired certificates. A member that has renewed its certificate reconnects
  /// with the new certificate.
  private func closeExpired() async throws {
    while true {
      try await Task.sleep(for: .seconds(60))
      server.closeInvalid()
    }
  }
}
