import ArgumentParser
import Credentials
import Etcd
import FederatedCore
import FederatedTransport
import Foundation
import Logging
import ServiceLifecycle

struct AnchorRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Serve the members of a swarm until stopped.",
    discussion: """
      Needs the Debian package etcd-server, no engine and no data. Members open every connection, to one port; \
      etcd is started and supervised here, and nobody else can reach it. An anchor sees names, sizes, times and \
      signed statements, but no model: updates and models are sealed for the members.

      A single anchor suffices, but while it is away, the swarm waits. Of three anchors one may be away, of five \
      two. Their etcd processes reach each other through the same port.
      """)

  @Option(help: ArgumentHelp("The folder in which everything is kept.", valueName: "folder"))
  var folder = "anchor"

  @Option(
    help: ArgumentHelp(
      "The folder with the anchor's key and certificate. (default: $CONSILIUM_IDENTITY, otherwise identity)",
      valueName: "folder"))
  var identity: String?

  @Option(help: ArgumentHelp("The address and port to listen on.", valueName: "address:port"))
  var listen = ListenAddress(host: "0.0.0.0", port: 8443)

  @Option(
    help: ArgumentHelp(
      "Another anchor of the swarm; may be repeated. Every anchor names all others. (default: none)",
      valueName: "name=host:port"))
  var anchor: [AnchorAddress] = []

  @Option(
    help: ArgumentHelp(
      "How much each member may keep at this anchor, in gigabytes (10^9 bytes).", valueName: "gigabytes"))
  var relayLimit = 256

  @Option(help: ArgumentHelp("A file with the passphrase of the key, if it has one.", valueName: "file"))
  var passphraseFile: String?

  @OptionGroup var logging: LogInput

  func validate() throws {
    if ![0, 2, 4].contains(anchor.count) {
      throw ValidationError(
        "a swarm has 1, 3 or 5 anchors; name the others with --anchor, which was given \(anchor.count) times")
    }
    if !(1...1_000_000).contains(relayLimit) {
      throw ValidationError("--relay-limit must be from 1 to 1000000")
    }
  }

  func run() async throws {
    let logger = logging.logger("anchor")
    try await logging.reporting(logger) { try await serve(logger) }
  }

  private func serve(_ logger: Logger) async throws {
    var input = PartyInput()
    (input.identity, input.passphraseFile) = (identity, passphraseFile)
    let folder = URL(fileURLWithPath: folder, isDirectory: true)
    let keeper = try input.keeper(for: folder)
    let identity = keeper.identity
    guard identity.party.role == .anchor else {
      throw ConsiliumError(
        .invalidInput,
        "'\(input.identityFolder.path)' holds the identity of \(identity.party); an anchor needs the role anchor: "
          + "consilium provision enrol --role anchor")
    }
    let own = identity.party.name
    let names = [own] + anchor.map(\.name)
    guard Set(names).count == names.count else {
      throw ConsiliumError(
        .invalidInput, "the anchors are \(names.joined(separator: ", ")); each needs a name of its own")
    }
    let program = try EtcdConfiguration.installedProgram()
    var limits = RelayStore.Limits()
    limits.bytesPerParty = relayLimit * 1_000_000_000
    let relay = try RelayStore(folder.appending(path: "relay"), limits: limits)
    let place = folder.appending(path: "register", directoryHint: .isDirectory)
    let etcd = EtcdSupervisor(
      EtcdConfiguration(folder: place, program: program, name: own, anchors: names),
      log: { logger.error("\($0)") })
    try etcd.prepare()
    let register = try EtcdRegister(in: place)
    let descriptors = DescriptorLimit.raised()
    if let warning = descriptors.warning { logger.warning("\(warning)") }
    let tunnels = try anchor.map { other in
      try PeerTunnel(
        to: other.address, keeper: keeper, socket: register.peerSocket(of: other.name),
        log: { logger.notice("\($0)") })
    }
    let door = PeerDoor(
      socket: register.peerSocket(of: own), anchors: Set(anchor.map(\.name)))
    var address = FederationServer.Configuration(host: listen.host, port: listen.port)
    address.limits.total = descriptors.connections
    let server = FederationServer(
      address, keeper: keeper, gate: PeerAuthenticator(identity.authority), register: register, relay: relay,
      door: anchor.isEmpty ? nil : door,
      connectionRefused: { logger.warning("\($0)") })
    let life = AnchorLife(
      etcd: etcd, register: register, tunnels: tunnels, server: server, logger: logger
    ) { port in
      logger.notice(
        "anchor \(identity.party.name) of \(identity.authority.consortium) listens on \(listen.host):\(port)")
    }
    let renewal = CertificateRenewal(keeper: keeper, server: server, logger: logger)
    try await [life, renewal].runUntilStopped(logger)
  }
}
