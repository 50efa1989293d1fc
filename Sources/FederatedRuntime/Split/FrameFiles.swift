import FederatedCore
import Foundation
import WorkerProtocol

/// The two files through which a worker exchanges the tensors of frames. They are removed with this object.
final class FrameFiles: Sendable {
  /// The file that the worker writes.
  let ofWorker: FrameFile
  /// The file that the worker reads.
  let ofPartner: FrameFile

  init(in folder: ExchangeFolder) throws(ConsiliumError) {
    ofWorker = try FrameFile(folder.newFile().path)
    ofPartner = try FrameFile(folder.newFile().path)
  }

  deinit { for file in [ofWorker, ofPartner] { unlink(file.path) } }
}
