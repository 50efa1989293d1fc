import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import GRPCCore
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import FederatedTransport

/// Peers that open too many connections or take too long.
@Suite(.serialized)
struct ConnectionLimitTests {
  private func limits(handshake: TimeAmount) -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits.handshake = handshake
    return limits
  }

  @Test func floodFromOneAddressDoesNotBlockOthers() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits = limits(handshake: .milliseconds(500))
      let site = try consortium.authority.identity(.site, "a")
      let unauthenticated = consortium.limits.unauthenticatedPerAddress
      try await consortium.withServer { [consortium] server, port in
        try await consortium.withClient(site, port: port) { client in
          var strangers: [RawConnection] = []
          for number in 1...1000 {
            strangers.append(try await .open(port, .init(isPlain: true, from: "127.0.0.2")))
            if number.isMultiple(of: 250) {
              _ = try await client.join()
              #expect(server.connectionCount <= unauthenticated + 1)
            }
          }
          // The server closes all of them.
          for stranger in strangers { try await stranger.closed() }
          _ = try await client.join()
          #expect(await server.settles(at: 1))
        }
        #expect(await server.settles(at: 0))
      }
    }
  }

  @Test func connectionWithSlowHandshakeIsClosed() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits = limits(handshake: .milliseconds(200))
      try await consortium.withServer { server, port in
        let stranger = try await RawConnection.open(port, .init(isPlain: true))
        // The beginning of a record that never ends.
        let sender = Task {
          for byte in [0x16, 0x03, 0x01, 0x02, 0x00] + [UInt8](repeating: 1, count: 500) {
            try await stranger.send([byte])
            try await Task.sleep(for: .milliseconds(10))
          }
        }
        try await stranger.closed()
        sender.cancel()
        #expect(await server.settles(at: 0))
      }
    }
  }

  @Test func connectionSilentAfterTheHandshakeIsClosed() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits.keepalive = (.milliseconds(100), .milliseconds(100))
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { server, port in
        // One peer never sends a preface; another stops in the middle of a request's header.
        let mute = try await RawConnection.open(port, .init(identity: site))
        let slow = try await RawConnection.open(port, .init(identity: site))
        for connection in [mute, slow] { #expect(try await !connection.firstBytes().isEmpty) }
        // On a slow machine, the connection may already be closed.
        try? await slow.send(
          Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
            + [0, 0, 10, 1, 0, 0, 0, 0, 1, 0x83])
        for connection in [mute, slow] { try await connection.closed() }
        #expect(await server.settles(at: 0))
      }
    }
  }

  @Test func registryCountsPerAddressAndInTotal() {
    var limits = ConnectionLimits()
    (limits.total, limits.perAddress, limits.unauthenticatedPerAddress) = (5, 3, 2)
    let registry = ConnectionRegistry(limits)
    let (one, two) = (EmbeddedStandIn(), EmbeddedStandIn())
    #expect(registry.open(from: "x"))
    #expect(registry.open(from: "x"))
    #expect(!registry.open(from: "x"), "two without a certificate already")
    #expect(registry.authenticated(one.channel, from: "x", certificate: [1]))
    #expect(registry.open(from: "x"))
    #expect(registry.authenticated(two.channel, from: "x", certificate: [2]))
    #expect(!registry.open(from: "x"), "three from one address")
    #expect(registry.open(from: "y"))
    #expect(registry.open(from: "y"))
    #expect(!registry.open(from: "z"), "five in all")
    registry.closed(one.channel, from: "x", wasAuthenticated: true)
    #expect(registry.open(from: "z"))
    #expect(registry.count == 5)
  }
}

extension ConnectionLimitTests {
  /// A member with a stolen laptop cannot take the connections of the others.
  @Test func connectionsOfOnePartyAreLimited() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits.perParty = 3
      let (greedy, other) = (
        try consortium.authority.identity(.observer, "a"), try consortium.authority.identity(.observer, "b")
      )
      try await consortium.withServer { server, port in
        var open: [RawConnection] = []
        for _ in 0..<3 {
          let connection = try await RawConnection.open(port, .init(identity: greedy))
          #expect(try await !connection.firstBytes().isEmpty)
          open.append(connection)
        }
        try await RawConnection.open(port, .init(identity: greedy)).closed()
        #expect(await server.settles(at: 3))
        let second = try await RawConnection.open(port, .init(identity: other))
        #expect(try await !second.firstBytes().isEmpty)
        #expect(server.connectedParties == [greedy.party, other.party])
        withExtendedLifetime(open) {}
      }
    }
  }

  @Test func refusalsAreReportedOncePerClient() throws {
    let told = Mutex<[String]>([])
    var limits = ConnectionLimits()
    (limits.unauthenticatedPerAddress, limits.perParty) = (2, 1)
    let registry = ConnectionRegistry(
      limits, refused: { refusal in told.withLock { $0.append("\(refusal)") } })
    for _ in 0..<5 { _ = registry.open(from: "192.0.2.7") }
    let identity = try TestAuthority().identity(.site, "DU")
    for _ in 0..<4 {
      let standIn = EmbeddedStandIn()
      _ = registry.open(from: "192.0.2.8")
      _ = registry.authenticated(
        standIn.channel, from: "192.0.2.8", certificate: try der(of: identity))
    }
    #expect(
      told.withLock { $0 } == [
        "refused a connection from 192.0.2.7, which has 2 without a certificate already",
        "refused a connection of site/DU, which has 1 already",
      ])
  }

  private func der(of identity: Identity) throws -> [UInt8] {
    let lines = identity.certificatePEM.split(separator: "\n").prefix { !$0.contains("END") }.dropFirst()
    return Array(try #require(Data(base64Encoded: lines.joined())))
  }

  @Test func onePartyCannotFollowAllEvents() throws {
    let limit = WatchLimit()
    let (greedy, other) = (Party(role: .observer, name: "a"), Party(role: .observer, name: "b"))
    for _ in 0..<WatchLimit.perParty { try limit.enter(greedy) }
    let error = #expect(throws: RPCError.self) { try limit.enter(greedy) }
    #expect(error?.code == .resourceExhausted)
    #expect(error?.message == "observer/a already follows 16 event streams; end one of them first")
    try limit.enter(other)
    limit.leave(greedy)
    try limit.enter(greedy)
  }
}

extension FederationServer {
  /// Waits until exactly this many connections are open. Returns `false` if that takes too long.
  fileprivate func settles(at count: Int) async -> Bool {
    // The server learns later than the client that a connection has ended.
    for _ in 0..<500 {
      if connectionCount == count { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}
