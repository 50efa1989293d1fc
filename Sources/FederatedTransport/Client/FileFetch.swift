import FederatedCore
import GRPCCore
import Synchronization

/// One file on its way to this machine, over as many calls as it takes.
///
/// Each call asks for a few megabytes: a server reads a file faster than a link takes it, and what waits lies in its memory. Two calls
/// at a time keep the link busy between one and the next.
struct FileFetch: Sendable {
  private static let calls = 2

  let link: NetworkLink
  let store: BlobStore
  let blob: BlobDescriptor
  let study: String
  let source: FileCalls.Source
  /// How many bytes one call may ask for.
  var callBytes = NetworkTuning.callBytes(asked: 0)

  func run() async throws {
    try await link.persistently {
      guard let part = try store.receive(blob) else { return }
      let next = Position(part.firstMissing)
      let size = CallSize(most: callBytes)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<Self.calls {
          group.addTask {
            while true {
              let count = size.chunks(of: blob.chunkSize)
              let first = next.advance(by: count)
              guard first < blob.chunkCount else { return }
              try await size.measuring {
                try await fetch(first..<min(first + count, blob.chunkCount), into: part)
              }
            }
          }
        }
        // The first failure ends the other calls too.
        while try await group.next() != nil {}
      }
      try store.finish(part)
    }
  }

  private func fetch(_ span: Range<Int>, into part: BlobPart) async throws {
    let arrived = Position(span.lowerBound)
    let request = Consilium_V1_DownloadRequest.with {
      ($0.study, $0.digest) = (study, blob.digest)
      ($0.firstChunk, $0.chunkCount) = (UInt32(span.lowerBound), UInt32(span.count))
    }
    try await link.files.download(request, from: source) { chunk in
      let index = arrived.advance(by: 1)
      guard chunk.index == index, index < span.upperBound else {
        throw RPCError(code: .aborted, message: "a chunk came out of order")
      }
      try part.write(chunk)
      link.isReached()
    }
    guard arrived.advance(by: 0) == span.upperBound else {
      throw RPCError(code: .unavailable, message: "the file ended early")
    }
  }
}

/// A count of chunks that calls share.
private final class Position: Sendable {
  private let value: Mutex<Int>

  init(_ value: Int) { self.value = Mutex(value) }

  /// - Returns: the position before.
  func advance(by count: Int) -> Int {
    value.withLock { value in
      defer { value += count }
      return value
    }
  }
}
