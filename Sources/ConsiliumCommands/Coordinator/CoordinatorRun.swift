import ArgumentParser
import CoordinatorDashboard
import CoordinatorService
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import Logging
import ParameterFiles
import ServiceLifecycle
import Synchronization

struct CoordinatorRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Serve sites and studies until stopped.",
    discussion: """
      Needs no data, and no engine unless it hosts split models: sites open every connection, to one port. Everything is kept in \
      the folder; after a crash or a restart, each study resumes where it left off.
      """)

  @Option(help: ArgumentHelp("The folder in which everything is kept.", valueName: "folder"))
  var folder = "coordinator"

  @Option(
    help: ArgumentHelp(
      "The folder with the coordinator's key and certificate. (default: $CONSILIUM_IDENTITY, otherwise identity)",
      valueName: "folder"))
  var identity: String?

  @Option(help: ArgumentHelp("The address and port to listen on.", valueName: "address:port"))
  var listen = ListenAddress(host: "0.0.0.0", port: 8443)

  @Option(help: ArgumentHelp("The number of studies that run at the same time.", valueName: "n"))
  var studies = 2

  @Option(
    help: ArgumentHelp(
      "How long a round waits for optional sites, beyond the time that the rehearsal predicts.",
      valueName: "minutes"))
  var patience = 15.0

  @Option(
    help: ArgumentHelp(
      "How long the rehearsal, the final evaluation and their own baselines wait for optional sites.",
      valueName: "hours"))
  var absence = 48.0

  @Option(help: ArgumentHelp("A file with the passphrase of the key, if it has one.", valueName: "file"))
  var passphraseFile: String?

  @OptionGroup var host: HostEngineInput

  @OptionGroup var dashboard: DashboardInput

  @OptionGroup var logging: LogInput

  func validate() throws {
    if studies < 1 { throw ValidationError("--studies must be at least 1") }
    // Both upper limits are a year: `--patience` is in minutes, `--absence` in hours.
    if !(0.1...525_600).contains(patience) { throw ValidationError("--patience must be from 0.1 to 525600") }
    if !(0.1...8_760).contains(absence) { throw ValidationError("--absence must be from 0.1 to 8760") }
  }

  func run() async throws {
    let logger = logging.logger("coordinator")
    try await logging.reporting(logger) { try await serve(logger) }
  }

  private func serve(_ logger: Logger) async throws {
    var input = PartyInput()
    (input.identity, input.passphraseFile) = (identity, passphraseFile)
    let folder = URL(fileURLWithPath: folder, isDirectory: true)
    let keeper = try input.keeper(for: folder)
    let identity = keeper.identity
    let service = try CoordinatorService(
      CoordinatorConfiguration(
        folder: folder, concurrentStudies: studies, patience: .seconds(60 * patience),
        absence: .seconds(3600 * absence), engine: try host.resolve()), keeper: keeper)
    OwnerOnly.closingNote(service.closed, in: folder).map { logger.notice("\($0)") }
    let arrivals = Signal()
    let descriptors = DescriptorLimit.raised()
    if let warning = descriptors.warning { logger.warning("\(warning)") }
    var place = FederationServer.Configuration(host: listen.host, port: listen.port)
    place.limits.total = descriptors.connections
    let server = FederationServer(
      place, keeper: keeper,
      gate: PeerAuthenticator(identity.authority),
      coordination: service, administration: service, connectionsChanged: { arrivals.send() },
      connectionRefused: { logger.warning("\($0)") })
    await service.attach { server.connectedParties }
    let isListening = Atomic(false)
    let board = CoordinatorDashboardSource(
      service,
      network: .init(
        isListening: { isListening.load(ordering: .relaxed) }, connections: { server.connectionCount },
        parties: { server.connectedParties }, traffic: { server.traffic }), arrivals: arrivals)
    let life = FederationLife(service: service, server: server) { port in
      isListening.store(true, ordering: .relaxed)
      logger.notice("coordinator of \(identity.authority.consortium) listens on \(listen.host):\(port)")
    }
    let others = try dashboard.services(
      board, folder: folder, descriptors: descriptors, logger: logging.logger("dashboard"))
    defer { DashboardPlace(folder: folder).close() }
    let renewal = CertificateRenewal(keeper: keeper, server: server, logger: logger) {
      await service.identityChanged($0)
    }
    let log = StudyLog(service: service, board: board, logger: logger)
    try await ([life, renewal, log] + others).runUntilStopped(logger)
  }
}
