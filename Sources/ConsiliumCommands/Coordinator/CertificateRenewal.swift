import CoordinatorService
import Credentials
import FederatedTransport
import Logging
import ServiceLifecycle

/// Applies renewed certificates and new revocations while the coordinator runs.
struct CertificateRenewal: Service {
  let keeper: IdentityKeeper
  let service: CoordinatorService
  let server: FederationServer
  let logger: Logger

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
      await service.identityChanged(change)
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
