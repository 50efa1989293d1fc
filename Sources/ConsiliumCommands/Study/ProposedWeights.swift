import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import StudyProtocol

/// The file of initial weights that a proposed study names, ready to be sent.
struct ProposedWeights: Sendable {
  let blob: BlobDescriptor
  let store: BlobStore
  private let folder: URL

  /// - Parameter file: The study file. If the study names the weights by a relative path, the path starts at
  ///   the folder of this file.
  /// - Returns: `nil` if the study names no file of weights.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file cannot be read or does not contain a
  ///   model.
  init?(of study: Study, beside file: URL) throws {
    guard let path = study.model.initialWeights else { return nil }
    let weights = file.deletingLastPathComponent().appending(path: path).resolvingSymlinksInPath()
    _ = try ParameterFile.read(from: weights)
    folder = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID().uuidString)")
    try OwnerOnly.createFolder(folder)
    store = try BlobStore(folder)
    blob = try store.add(copyOf: weights)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}
