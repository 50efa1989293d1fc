import ArgumentParser
import CoordinatorService
import Credentials
import Dashboard
import FederatedCore
import FederatedTransport
import Foundation
import Logging
import ServiceLifecycle

/// The arguments that say where a coordinator's web pages and numbers are.
struct DashboardInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Serve the dashboard, a web page for people with a certificate or a token ('consilium coordinator token'), at this address \
      and port, with the coordinator's certificate. (default: none)
      """, valueName: "address"))
  var dashboard: String?

  @Option(
    help: ArgumentHelp(
      """
      Answer /metrics, /healthz and /readyz at this port of 127.0.0.1, to every program of this machine. (default: none)
      """, valueName: "port"))
  var monitoringPort: Int?

  func validate() throws {
    if let monitoringPort, !(1...65_535).contains(monitoringPort) {
      throw ValidationError("--monitoring-port must be from 1 to 65535")
    }
    if let dashboard { _ = try Self.address(dashboard) }
  }

  private static func address(_ text: String) throws(ConsiliumError) -> ClientConfiguration {
    guard let address = ClientConfiguration(address: text, defaultPort: -1), address.port >= 0 else {
      throw ConsiliumError(
        .invalidInput, "'\(text)' is no address; expected ADDRESS:PORT, for example 127.0.0.1:8444")
    }
    return address
  }

  /// What is to run beside a coordinator.
  ///
  /// - Parameters:
  ///   - folder: the coordinator's.
  ///   - logger: takes a line for each request.
  func services(
    _ board: CoordinatorBoard, folder: URL, logger: Logger
  ) throws -> [any Service] {
    guard let dashboard else {
      return monitoringPort.map { [MonitoringService(port: $0, source: board, logger: logger)] } ?? []
    }
    let address = try Self.address(dashboard)
    let place = DashboardPlace(folder: folder)
    let service = board.service
    let identity = service.currentIdentity
    let configuration = DashboardConfiguration(
      address: address.host, port: address.port,
      tls: .init(
        certificatePEM: identity.certificatePEM, privateKeyPEM: identity.privateKeyPEM,
        authorityPEM: identity.authority.pem
      ) { bytes in
        let certificate = try PeerCertificate(derEncoded: bytes)
        // As it is now, with the latest revocations.
        try service.currentIdentity.authority.check(certificate, at: Date(), roles: Set(Role.allCases))
        return certificate.party
      }, tokens: try place.tokens(), monitoringPort: monitoringPort)
    return [
      try DashboardService(configuration: configuration, source: board, logger: logger) { port in
        let url = DashboardPlace.url(host: address.host, port: port, of: identity.certificate)
        try? place.open(url)
        logger.notice("the dashboard is at \(url)")
      }
    ]
  }
}
