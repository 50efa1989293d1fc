import ArgumentParser
import Credentials
import FederatedCore
import FederatedTransport
import Foundation

/// The arguments that name the caller's identity and the coordinator.
struct PartyInput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder with this party's key and certificate. (default: $CONSILIUM_IDENTITY, otherwise identity)",
      valueName: "folder"))
  var identity: String?

  @Option(
    help: ArgumentHelp(
      "The coordinator, HOST:PORT. (default: $CONSILIUM_COORDINATOR; the default port is 8443)",
      valueName: "address"))
  var coordinator: String?

  @Option(help: ArgumentHelp("A file with the passphrase of the key, if it has one.", valueName: "file"))
  var passphraseFile: String?

  var identityFolder: URL {
    let folder = identity ?? Console.current.environment["CONSILIUM_IDENTITY"] ?? "identity"
    return URL(fileURLWithPath: folder, isDirectory: true)
  }

  func loadIdentity() throws -> Identity { try keeper().identity }

  /// Loads the identity. The returned keeper can watch its folder for renewals and revocations.
  ///
  /// - Parameter service: The folder of the service that uses the identity. The newest revocation list is
  ///   stored there.
  /// - Throws: ``ConsiliumError`` if the identity cannot be loaded, or if its certificate is invalid today,
  ///   since nobody would accept it.
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
        .invalidInput, "name the coordinator with --coordinator HOST:PORT or CONSILIUM_COORDINATOR")
    }
    guard let address = ClientConfiguration(address: text) else {
      throw ConsiliumError(
        .invalidInput,
        "'\(text)' is not an address; expected HOST:PORT, for example coordinator.example.org:8443"
      )
    }
    return address
  }

  /// Runs `body` with a connection to the coordinator, and gives up if the coordinator is unreachable for a
  /// while.
  func withLink<R: Sendable>(_ body: @escaping @Sendable (NetworkLink, Identity) async throws -> R)
    async throws -> R
  {
    var address = try address()
    address.patience = .seconds(20)
    let identity = try loadIdentity()
    return try await NetworkLink.with(address, identity: identity) { try await body($0, identity) }
  }
}
