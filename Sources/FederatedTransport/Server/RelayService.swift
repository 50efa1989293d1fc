import Credentials
import FederatedCore
import Foundation
import GRPCCore

/// Serves the relay of sealed blobs to the members of a swarm.
struct RelayService: Consilium_V1_Relay.SimpleServiceProtocol {
  static let members: Set<Role> = [.site, .host, .lead]

  let gate: PeerAuthenticator
  let store: RelayStore
  /// How long each piece of a blob may take to arrive.
  let patience: Duration

  func beginPut(request: Consilium_V1_BlobAnnouncement, context: ServerContext) async throws
    -> Consilium_V1_PutReply
  {
    let peer = try gate.admit(context, as: Self.members)
    let received = try store.begin(RelayBlob(request), from: peer.party)
    return .with { $0.received = UInt64(received) }
  }

  func put(
    request: RPCAsyncSequence<Consilium_V1_PutPart, any Error>, context: ServerContext
  ) async throws -> Consilium_V1_PutReply {
    let peer = try gate.admit(context, as: Self.members)
    let received = try await Watchdog.run(
      patience: patience,
      orThrow: RPCError(
        code: .deadlineExceeded,
        message: "a piece of a blob took longer than \(patience); what came before it is kept")
    ) { watchdog in try await receive(request, from: peer.party, watchdog) }
    return .with { $0.received = UInt64(received) }
  }

  private func receive(
    _ parts: RPCAsyncSequence<Consilium_V1_PutPart, any Error>, from party: Party, _ watchdog: Watchdog
  ) async throws -> Int {
    var parts = parts.makeAsyncIterator()
    guard case .start(let start)? = try await parts.next()?.part else {
      throw messageFault("a blob that does not begin with its name")
    }
    let part = try store.receive(RelayBlob(start.blob), at: start.offset, from: party)
    while !part.isFull, let message = try await parts.next() {
      guard case .data(let data) = message.part, (1...RelayBlob.largestPiece).contains(data.count) else {
        throw messageFault("a piece of a blob; expected 1 to \(RelayBlob.largestPiece) bytes")
      }
      try part.append(data)
      watchdog.feed()
    }
    if part.isFull { try store.finish(part) }
    return part.end
  }

  func get(
    request: Consilium_V1_GetBlobRequest, response: RPCWriter<Consilium_V1_BlobPiece>,
    context: ServerContext
  ) async throws {
    _ = try gate.admit(context, as: Self.members)
    let digest = try RelayBlob.checked(request.digest)
    guard let file = store.open(digest) else {
      throw RPCError(
        code: .notFound, message: "blob \(digest.hexadecimal.prefix(12)) is not at this anchor")
    }
    guard request.offset <= UInt64(file.count) else {
      throw messageFault("a blob of \(file.count) bytes from byte \(request.offset) on")
    }
    var offset = Int(request.offset)
    while offset < file.count {
      let piece = try file.read(at: offset, atMost: RelayBlob.usualPiece)
      try await response.write(.with { $0.data = piece })
      offset += piece.count
    }
  }

  func remove(request: Consilium_V1_RemoveBlobRequest, context: ServerContext) async throws
    -> Consilium_V1_RemoveBlobReply
  {
    let peer = try gate.admit(context, as: Self.members)
    try store.remove(RelayBlob.checked(request.digest), from: peer.party)
    return .init()
  }
}
