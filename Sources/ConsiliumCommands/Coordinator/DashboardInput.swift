import ArgumentParser
import CoordinatorDashboard
import CoordinatorService
import Credentials
import Dashboard
import FederatedCore
import Foundation
import Logging
import ServiceLifecycle

/// The arguments that set the addresses of a coordinator's web pages and metrics.
struct DashboardInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Serve the dashboard, a web page for people with a certificate or a token ('consilium coordinator token'), at this address \
      and port, with the coordinator's certificate. (default: none)
      """, valueName: "address:port"))
  var dashboard: ListenAddress?

  @Option(
    help: ArgumentHelp(
      """
      Answer /metrics, /healthz and /readyz at this port of 127.0.0.1, for every program on this machine. (default: none)
      """, valueName: "port"))
  var monitoringPort: Int?

  func validate() throws {
    if let monitoringPort, !(1...65_535).contains(monitoringPort) {
      throw ValidationError("--monitoring-port must be from 1 to 65535")
    }
  }

  /// The revoked certificates of a person, in whatever role, except those that were only replaced.
  static func revocations(of person: Party, in authority: Authority) -> [String: Date] {
    let entries = (authority.revocations?.entries ?? []).filter {
      $0.party.role.isPerson && $0.party.name == person.name && $0.reason != .replaced
    }
    return Dictionary(entries.map { ($0.serial, $0.date) }, uniquingKeysWith: max)
  }

  /// Creates the services of the web pages and metrics, which run in the coordinator's process.
  ///
  /// - Parameters:
  ///   - folder: The coordinator's folder.
  ///   - descriptors: Limits the number of connections.
  ///   - logger: Receives a line per request.
  func services(
    _ board: CoordinatorDashboardSource, folder: URL, descriptors: DescriptorLimit, logger: Logger
  ) throws -> [any Service] {
    guard let address = dashboard else {
      return monitoringPort.map { [MonitoringService(port: $0, source: board, logger: logger)] } ?? []
    }
    let place = DashboardPlace(folder: folder)
    let service = board.service
    let identity = service.currentIdentity
    var limits = DashboardLimits()
    limits.connections = descriptors.browsers(most: limits.connections)
    let configuration = DashboardConfiguration(
      address: address.host, port: address.port,
      tls: .init(
        authorityPEM: identity.authority.pem,
        own: {
          let identity = service.currentIdentity
          return .init(chainPEM: identity.certificatePEM, privateKeyPEM: identity.privateKeyPEM)
        }
      ) { bytes in
        let certificate = try PeerCertificate(derEncoded: bytes)
        // Use the current identity, with the latest revocations.
        try service.currentIdentity.authority.check(certificate, at: Date(), roles: Set(Role.allCases))
        return certificate.party
      }, tokens: try place.tokens(), monitoringPort: monitoringPort,
      revocations: { Self.revocations(of: $0, in: service.currentIdentity.authority) },
      signingIn: { attempt in
        switch attempt {
        case .succeeded(let party): try await service.signedIn(party)
        case .failed(let address): try await service.refusedSignIn(from: address)
        }
      }, limits: limits)
    return [
      try DashboardService(configuration: configuration, source: board, logger: logger) { port in
        let url = DashboardPlace.url(host: address.host, port: port, of: identity.certificate)
        try? place.open(url)
        logger.notice("the dashboard is at \(url)")
      }
    ]
  }
}
