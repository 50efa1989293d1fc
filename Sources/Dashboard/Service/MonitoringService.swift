import FederatedCore
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// A service that answers `/metrics`, `/healthz` and `/readyz` on a port of 127.0.0.1, to every program on
/// this machine, under the names of this machine only.
public struct MonitoringService: Service {
  private let port: Int
  private let source: any DashboardSource
  private let logger: Logger
  private let onListening: @Sendable () -> Void

  public init(
    port: Int, source: any DashboardSource, logger: Logger, onListening: @escaping @Sendable () -> Void = {}
  ) {
    self.port = port
    self.source = source
    self.onListening = onListening
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    self.logger = quiet
  }

  /// Serves until it is shut down.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the port is in use.
  public func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      throw ConsiliumError(
        .unavailable, "cannot answer monitoring on 127.0.0.1 port \(port): \(error.localizedDescription)",
        cause: error)
    }
  }

  var application: some ApplicationProtocol {
    var limits = DashboardLimits()
    // All clients are on this machine; half of the connections stay free for another address of it.
    limits.connectionsPerAddress = 16
    let pool = ConnectionPool(limits, logger: logger)
    return Application(
      router: Monitoring(source: source).router(),
      server: .http1(
        configuration: .init(additionalChannelHandlers: [ConnectionDoor(pool)], idleTimeout: .seconds(30))),
      configuration: .init(
        address: .hostname("127.0.0.1", port: port),
        availableConnectionsDelegate: .maximum(32, logger: logger)),
      onServerRunning: { _ in onListening() }, logger: logger)
  }
}
