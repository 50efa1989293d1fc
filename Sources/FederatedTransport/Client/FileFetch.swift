import FederatedCore
import GRPCCore
import Synchronization

/// The transfer of one file to this machine, in as many calls as necessary.
///
/// Each call asks for a few megabytes. A server reads a file faster than a link carries it; in one long call,
/// the difference would be queued in the server's memory. Two calls run at a time, so that the link stays
/// busy between calls.
struct FileFetch: Sendable {
  private static let calls = 2

  let link: NetworkLink
  let store: BlobStore
  let blob: BlobDescriptor
  let study: String
  let source: FileCalls.Source
  /// The maximum number of bytes per call.
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
        // The first failure also ends the other calls.
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
        throw RPCError(code: .aborted, message: "a chunk arrived out of order")
      }
      try part.write(chunk)
      link.isReached()
    }
    guard arrived.advance(by: 0) == span.upperBound else {
      throw RPCError(code: .unavailable, message: "the file ended early")
    }
  }
}

/// A position in the file, in chunks, shared by concurrent calls.
private final class Position: Sendable {
  private let value: Mutex<Int>

  init(_ value: Int) { self.value = Mutex(value) }

  /// - Returns: the position before it was advanced.
  func advance(by count: Int) -> Int {
    value.withLock { value in
      defer { value += count }
      return value
    }
  }
}
