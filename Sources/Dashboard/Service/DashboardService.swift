import FederatedCore
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle

/// The coordinator's web dashboard, as a service.
public struct DashboardService: Service {
  private let configuration: DashboardConfiguration
  private let source: any DashboardSource
  private let logger: Logger
  let routes: DashboardRoutes
  private let onListening: @Sendable (Int) async -> Void

  /// - Parameters:
  ///   - logger: Receives one line per request.
  ///   - onListening: Receives the port when browsers can connect.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no TLS on an address that other
  ///   machines can reach.
  public init(
    configuration: DashboardConfiguration, source: any DashboardSource, logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) throws(ConsiliumError) {
    guard configuration.tls != nil || Self.isLoopback(configuration.address) else {
      throw ConsiliumError(
        .invalidInput,
        "the dashboard cannot listen on \(configuration.address) without TLS: give it a certificate, or the address 127.0.0.1"
      )
    }
    self.configuration = configuration
    self.source = source
    self.logger = logger
    self.onListening = onListening
    routes = DashboardRoutes(configuration: configuration, source: source, logger: logger)
  }

  /// Serves until it is shut down.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if certificate, key or authority are not usable,
  ///   `.unavailable` if the port is in use.
  public func run() async throws {
    let (isMonitored, monitored) = AsyncStream.makeStream(of: Void.self)
    var services: [any Service] = []
    if let port = configuration.monitoringPort {
      services.append(
        MonitoringService(port: port, source: source, logger: quiet) { monitored.finish() }.application)
    } else {
      monitored.finish()
    }
    // Report that the dashboard is listening only after all its ports are open.
    try services.append(application { for await _ in isMonitored {} })
    do {
      try await ServiceGroup(configuration: .init(services: services, logger: quiet)).run()
    } catch let error as IOError {
      let other = configuration.monitoringPort.map { " or on 127.0.0.1 port \($0)" } ?? ""
      throw ConsiliumError(
        .unavailable,
        "the dashboard cannot listen on \(configuration.address) port \(configuration.port)\(other): \(error.localizedDescription)",
        cause: error)
    }
  }

  /// Creates the web server with the dashboard's routes; `preparation` runs before it accepts connections.
  private func application(
    after preparation: @escaping @Sendable () async -> Void
  ) throws(ConsiliumError) -> some ApplicationProtocol {
    var application = Application(
      router: routes.router(), server: try server(routes.pool),
      configuration: .init(
        address: .hostname(configuration.address, port: configuration.port),
        availableConnectionsDelegate: .maximum(configuration.limits.connections, logger: logger)),
      services: [routes.hub],
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: logger)
    application.beforeServerStarts(perform: preparation)
    return application
  }

  private func server(_ pool: ConnectionPool) throws(ConsiliumError) -> HTTPServerBuilder {
    // Close connections that send nothing, or only a byte now and then.
    let http = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [ConnectionDoor(pool)], idleTimeout: .seconds(60),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
    guard let tls = configuration.tls else { return http }
    let configuration = try tls.server()
    do {
      return try .tls(http, tlsConfiguration: configuration)
    } catch {
      throw ConsiliumError(.invalidInput, "the dashboard's TLS cannot be set up: \(error)", cause: error)
    }
  }

  /// A logger for the frameworks, which logs only problems; ``AccessLog`` logs requests.
  private var quiet: Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
  }

  static func isLoopback(_ address: String) -> Bool {
    address == "localhost" || address == "::1"
      || (try? SocketAddress(ipAddress: address, port: 0)) != nil && address.hasPrefix("127.")
  }
}
