import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import GRPCCore
import TestSupport

@testable import FederatedTransport

/// The anchors of a swarm on loopback, with one register in memory and a relay each.
struct TestSwarm: Sendable {
  let folder: URL
  let authority: TestAuthority
  let register = InMemoryRegister()
  var limits = RelayStore.Limits()

  init(in folder: URL) throws {
    self.folder = folder
    authority = try TestAuthority()
  }

  /// Runs an anchor while `body` runs.
  func withAnchor<R: Sendable>(
    _ name: String = "a", as role: Role = .anchor, door: PeerDoor? = nil,
    _ body: @escaping @Sendable (FederationServer, ClientConfiguration) async throws -> R
  ) async throws -> R {
    let identity = try authority.identity(role, name)
    let server = FederationServer(
      .init(host: "127.0.0.1", port: 0), keeper: IdentityKeeper(identity),
      gate: PeerAuthenticator(identity.authority), register: register,
      relay: try RelayStore(relayFolder(name), limits: limits), door: door)
    return try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask {
        try await server.run()
        return nil
      }
      defer {
        server.shutDown()
        group.cancelAll()
      }
      return try await body(server, ClientConfiguration(host: "127.0.0.1", port: try await server.port))
    }
  }

  func relayFolder(_ anchor: String = "a") -> URL { folder.appending(path: "relay-\(anchor)") }

  /// Runs `body` with a member's connections.
  func withMember<R: Sendable>(
    _ identity: Identity? = nil, of anchors: [ClientConfiguration],
    _ body: @Sendable (AnchorLinks) async throws -> R
  ) async throws -> R {
    try await AnchorLinks.with(
      anchors, keeper: IdentityKeeper(try identity ?? authority.identity(.site, "DU")), body)
  }

  /// A file of random bytes.
  func noise(_ size: Int, _ name: String = "noise") throws -> URL {
    var generator = RandomStream(seed: UInt64(size))
    let data = Data((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let file = folder.appending(path: name)
    try data.write(to: file)
    return file
  }
}

extension AnchorLinks {
  var register: Consilium_V1_Register.Client<some ClientTransport> { .init(wrapping: links[0].client) }
  var relay: Consilium_V1_Relay.Client<some ClientTransport> { .init(wrapping: links[0].client) }
}

/// The RPC error that `body` throws; `nil` if it throws none.
func rpcRefusal(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}
