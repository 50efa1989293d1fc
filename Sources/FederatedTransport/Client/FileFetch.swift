import FederatedCore
import GRPCCore

/// One file on its way to this machine, over as many calls as it takes.
struct FileFetch: Sendable {
  typealias Receive = @Sendable (Consilium_V1_Chunk) async throws -> Void

  let link: NetworkLink
  let store: BlobStore
  let blob: BlobDescriptor

  /// - Parameter call: asks for the chunks from `first` on and hands each to `receive`.
  func run(_ call: @Sendable (_ first: Int, _ receive: @escaping Receive) async throws -> Void) async throws {
    try await link.persistently {
      guard let part = try store.receive(blob) else { return }
      let arrival = Arrival(part: part)
      try await call(part.first) { chunk in
        try await arrival.take(chunk)
        link.isReached()
      }
      try await arrival.finish(store)
    }
  }
}

/// The chunks of a file as they come in.
private actor Arrival {
  private let part: BlobPart
  private var next: Int

  init(part: BlobPart) { (self.part, next) = (part, part.first) }

  func take(_ chunk: Consilium_V1_Chunk) throws {
    guard chunk.index == next, next < part.blob.chunkCount else {
      throw RPCError(code: .aborted, message: "a chunk came out of order")
    }
    try part.write(chunk.data, chunk: next)
    next += 1
  }

  func finish(_ store: BlobStore) throws {
    guard next == part.blob.chunkCount else {
      throw RPCError(code: .unavailable, message: "the file ended early")
    }
    try store.finish(part)
  }
}
