import CoordinatorService
import Credentials
import FederatedTransport
import Logging
import ServiceLifecycle

/// Takes renewed certificates and new revocations into account while the coordinator runs.
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

  /// A certificate that runs out ends its connections; one that was renewed comes back with the new one.
  private func closeExpired() async throws {
    while true {
      try await Task.sleep(for: .seconds(60))
      server.closeInvalid()
    }
  }
}
