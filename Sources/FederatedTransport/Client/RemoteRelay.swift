import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import ParameterFiles

/// The relay of a swarm: sends sealed blobs to an anchor, and fetches them from whichever anchor has them.
public struct RemoteRelay: Sendable {
  private let links: AnchorLinks

  public init(_ links: AnchorLinks) { self.links = links }

  private func stub(_ link: NetworkLink) -> Consilium_V1_Relay.Client<HTTP2ClientTransport.Posix> {
    .init(wrapping: link.client)
  }

  /// Sends the file at `url` to one anchor, which then has it under its digest. A blob that the anchor has is
  /// not sent again; an interrupted call can be repeated, and continues where it stopped.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if no anchor answers, `.storage` if a file cannot be read or
  ///   kept, `.invalidInput` if an anchor refuses a blob of this size.
  public func put(_ url: URL) async throws -> RelayBlob {
    let blob = try RelayBlob(of: url)
    let file = try RelayFile(url)
    try await links.any { link in
      let relay = stub(link)
      let start = try await relay.beginPut(blob.message, options: AnchorLinks.options).received
      guard start < UInt64(blob.size) else { return }
      let reply = try await relay.put(options: .transfer) { writer in
        try await writer.write(.with { $0.start = .with { ($0.blob, $0.offset) = (blob.message, start) } })
        var offset = Int(start)
        while offset < blob.size {
          let piece = try file.read(at: offset, atMost: RelayBlob.usualPiece)
          try await link.pacer?.take(piece.count)
          try await writer.write(.with { $0.data = piece })
          offset += piece.count
        }
      }
      guard reply.received == UInt64(blob.size) else {
        throw RPCError(code: .unavailable, message: "a blob did not arrive as a whole")
      }
    }
    return blob
  }

  /// Whether an anchor has a blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if none that answers has it, and one does not
  ///   answer.
  public func holds(_ blob: RelayBlob) async throws -> Bool {
    do {
      try await links.any { link in
        try await stub(link).get(
          .with { ($0.digest, $0.offset) = (blob.digest, UInt64(blob.size)) }, options: AnchorLinks.options
        ) { response in for try await _ in response.messages {} }
      }
      return true
    } catch let error as ConsiliumError where error.meansAbsent {
      return false
    }
  }

  /// Fetches a blob into the file at `url`. An interrupted call can be repeated, and continues where it
  /// stopped.
  ///
  /// - Returns: whether an anchor has the blob.
  /// - Throws: ``ConsiliumError``: `.unavailable` if none that answers has the blob, and one does not answer;
  ///   `.storage` if the file cannot be written.
  public func get(_ blob: RelayBlob, to url: URL) async throws -> Bool {
    do {
      try await fetch(blob, to: url)
      return true
    } catch let error as ConsiliumError where error.meansAbsent {
      // What an earlier call has fetched is of no use.
      unlink(url.appendingPathExtension("part").path)
      return false
    }
  }

  private func fetch(_ blob: RelayBlob, to url: URL) async throws {
    let partial = url.appendingPathExtension("part")
    try await links.any { link in
      var there = FileManager.default.fileExists(atPath: partial.path) ? try RelayFile(partial).count : 0
      if there > blob.size {
        unlink(partial.path)
        there = 0
      }
      let part = try RelayPart(partial, blob, at: UInt64(there))
      if !part.isFull {
        try await stub(link).get(
          .with { ($0.digest, $0.offset) = (blob.digest, UInt64(there)) }, options: .transfer
        ) { response in
          for try await piece in response.messages { try part.append(piece.data) }
        }
      }
      guard part.isFull else {
        throw RPCError(code: .unavailable, message: "a blob arrived in part; repeat the call")
      }
      guard try RelayFile(partial).digest() == blob.digest else {
        // Another anchor may have the right bytes.
        unlink(partial.path)
        throw RPCError(code: .dataLoss, message: "it sent other bytes than those of the blob's name")
      }
      guard part.synchronise(), rename(partial.path, url.path) == 0 else {
        throw BlobError.cannot("write", url)
      }
      try DurableFolder.synchronise(url.deletingLastPathComponent())
    }
  }

  /// Removes a blob that this member has sent from all anchors that answer.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if one did not answer; the call can be repeated.
  public func remove(_ blob: RelayBlob) async throws {
    var fault: (any Error)?
    for link in links.links {
      do {
        _ = try await stub(link).remove(.with { $0.digest = blob.digest }, options: AnchorLinks.options)
      } catch let error as RPCError {
        try Task.checkCancellation()
        fault = ConsiliumError(link.explained(error), calling: link.peer)
      }
    }
    if let fault { throw fault }
  }
}

extension CallOptions {
  /// A call that transfers a file of any size, and that fails at once if there is no connection.
  fileprivate static var transfer: Self {
    var options = CallOptions.defaults
    options.waitForReady = false
    return options
  }
}
