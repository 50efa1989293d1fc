import FederatedCore
import GRPCCore
import Synchronization

/// The transfer of one file to the coordinator, in as many calls as necessary. Resumes where an earlier
/// attempt stopped.
struct FileSend: Sendable {
  let link: NetworkLink
  let store: BlobStore
  let blob: BlobDescriptor
  let study: String
  /// Whether these are initial weights, which need not be sent if the coordinator has them from another site.
  var isInitial = false

  func run() async throws {
    let announcement = Consilium_V1_BeginUploadRequest.with {
      $0.study = study
      $0.blob = blob.message
      $0.isInitial = isInitial
    }
    try await link.persistently {
      let begin = try await link.files.beginUpload(announcement)
      link.isReached()
      var missing = Int(begin.firstMissing)
      // A fast disk fills the queue of a slow link at once, so no call may carry more than memory can hold.
      let size = CallSize(most: NetworkTuning.callBytes(asked: begin.callBytes))
      while missing < blob.chunkCount {
        let span = missing..<min(missing + size.chunks(of: blob.chunkSize), blob.chunkCount)
        let arrived = try await size.measuring { try await upload(span) }
        guard arrived > missing else {
          throw RPCError(
            code: .unavailable, message: "the coordinator has \(arrived) of \(blob.chunkCount) chunks")
        }
        link.isReached()
        missing = arrived
      }
    }
  }

  /// - Returns: the first chunk that the coordinator is missing after the call.
  private func upload(_ span: Range<Int>) async throws -> Int {
    // gRPC reports an error of the local file as a broken stream, which would be retried forever.
    let fault = Mutex<ConsiliumError?>(nil)
    do {
      return try await link.files.upload { writer in
        do {
          try await writer.write(
            .start(
              .with {
                $0.study = study
                $0.digest = blob.digest
              }))
          let file = try store.open(blob)
          for index in span {
            try await link.pacer?.take(blob.range(of: index).count)
            try await writer.write(.chunk(OutgoingChunk(file: file, index: index)))
          }
        } catch let error as ConsiliumError {
          fault.withLock { $0 = error }
          throw error
        }
      }
    } catch {
      throw fault.withLock { $0 } ?? error
    }
  }
}
