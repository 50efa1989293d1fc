import FederatedCore
import Foundation
import ParameterFiles

/// Runs `body` with a new temporary folder.
///
/// - Throws: ``ConsiliumError`` with code `.storage` if the folder cannot be created.
func withScratchFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
  let parent = FileManager.default.temporaryDirectory
  let folder = parent.appending(path: "consilium-\(UUID().uuidString)")
  do {
    try OwnerOnly.createFolder(folder)
  } catch {
    throw ConsiliumError(
      .storage,
      "cannot create a folder for temporary files in '\(parent.path(percentEncoded: false))'; set TMPDIR to a writable folder",
      cause: error)
  }
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
