import ArgumentParser
import CoordinatorService
import Credentials
import FederatedCore
import FederatedTransport
import Foundation

struct CoordinatorRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Serve sites and studies until stopped.",
    discussion: """
      Needs no engine and no data: sites open every connection to the one port. Everything is kept in the folder; after a \
      crash or a restart each study goes on where it was.
      """)

  @Option(help: ArgumentHelp("Where everything is kept.", valueName: "folder"))
  var folder = "coordinator"

  @Option(
    help: ArgumentHelp(
      "The folder with the coordinator's key and certificate. (default: $CONSILIUM_IDENTITY, else identity)",
      valueName: "folder"))
  var identity: String?

  @Option(help: ArgumentHelp("The address and port to listen on.", valueName: "address"))
  var listen = "0.0.0.0:8443"

  @Option(help: ArgumentHelp("How many studies run at once.", valueName: "n"))
  var studies = 2

  @Option(help: ArgumentHelp("A file with the passphrase of the key, where it has one.", valueName: "file"))
  var passphraseFile: String?

  func validate() throws {
    if studies < 1 { throw ValidationError("--studies must be at least 1") }
  }

  func run() async throws {
    let console = Console.current
    guard let address = ClientConfiguration(address: listen) else {
      throw ConsiliumError(
        .invalidInput, "'\(listen)' is no address; expected ADDRESS:PORT, for example 0.0.0.0:8443")
    }
    var input = PartyInput()
    (input.identity, input.passphraseFile) = (identity, passphraseFile)
    let identity = try input.loadIdentity()
    let service = try CoordinatorService(
      CoordinatorConfiguration(
        folder: URL(fileURLWithPath: folder, isDirectory: true), concurrentStudies: studies),
      identity: identity)
    let server = FederationServer(
      .init(host: address.host, port: address.port), identity: identity, gate: PeerGate(identity.authority),
      coordination: service, administration: service)
    try await stoppable(announce: { console.printError("stopping after what is finished") }) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        group.addTask {
          let port = try await server.port
          try await service.start()
          console.printError(
            "coordinator of \(identity.authority.consortium) listens on \(address.host):\(port)")
          try await Task.sleep(for: .seconds(1 << 40))
        }
        let result = await Result(awaiting: { try await group.next() })
        await service.shutDown()
        server.shutDown()
        group.cancelAll()
        _ = try result.get()
      }
    }
  }
}
