import ArgumentParser
import Credentials
import FederatedCore
import FederatedTransport
import Foundation

/// The arguments that say who calls and where the coordinator is.
struct PartyInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with this party's key and certificate. (default: $CONSILIUM_IDENTITY, else identity)",
      valueName: "folder"))
  var identity: String?

  @Option(
    help: ArgumentHelp(
      "The coordinator, HOST:PORT. (default: $CONSILIUM_COORDINATOR; the port may be left out: 8443)",
      valueName: "address"))
  var coordinator: String?

  @Option(help: ArgumentHelp("A file with the passphrase of the key, where it has one.", valueName: "file"))
  var passphraseFile: String?

  var identityFolder: URL {
    let folder = identity ?? Console.current.environment["CONSILIUM_IDENTITY"] ?? "identity"
    return URL(fileURLWithPath: folder, isDirectory: true)
  }

  func loadIdentity() throws -> Identity { try keeper().identity }

  /// The identity, and the folder in which renewals and revocations appear.
  ///
  /// - Parameter service: the folder of the service that keeps the identity, where it remembers the newest list of revocations.
  /// - Throws: ``ConsiliumError``, also where the certificate does not count today: nobody would accept it.
  func keeper(for service: URL? = nil) throws -> IdentityKeeper {
    let keeper = try IdentityKeeper(
      folder: identityFolder,
      passphrase: try passphraseFile.map { try Passphrase(file: URL(fileURLWithPath: $0)) },
      memory: service?.appending(path: "revoked.json"))
    let identity = keeper.identity
    try identity.authority.check(identity.certificate, at: Date())
    return keeper
  }

  func address() throws -> ClientConfiguration {
    guard let text = coordinator ?? Console.current.environment["CONSILIUM_COORDINATOR"] else {
      throw ConsiliumError(
        .invalidInput, "say where the coordinator is with --coordinator HOST:PORT or CONSILIUM_COORDINATOR")
    }
    guard let address = ClientConfiguration(address: text) else {
      throw ConsiliumError(
        .invalidInput, "'\(text)' is no address; expected HOST:PORT, for example coordinator.example.org:8443"
      )
    }
    return address
  }

  /// Runs `body` with a link to the coordinator, which is given up where it cannot be reached for a while.
  func withLink<R: Sendable>(_ body: @escaping @Sendable (NetworkLink, Identity) async throws -> R)
    async throws -> R
  {
    var address = try address()
    address.patience = .seconds(20)
    let identity = try loadIdentity()
    return try await NetworkLink.with(address, identity: identity) { try await body($0, identity) }
  }
}
