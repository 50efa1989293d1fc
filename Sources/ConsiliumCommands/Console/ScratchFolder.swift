import FederatedCore
import Foundation

/// Gives `body` a new folder for what a command needs for a moment.
///
/// - Throws: ``ConsiliumError`` with code `.storage` where there is no room for one.
func withScratchFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
  let parent = FileManager.default.temporaryDirectory
  let folder = parent.appending(path: "consilium-\(UUID().uuidString)")
  do {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  } catch {
    throw ConsiliumError(
      .storage,
      "cannot make a folder for temporary files in '\(parent.path(percentEncoded: false))'; let TMPDIR name one that can be written",
      cause: error)
  }
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
