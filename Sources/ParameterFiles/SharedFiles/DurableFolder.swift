import FederatedCore
import Foundation

/// Creates folders that survive a crash of the machine.
package enum DurableFolder {
  /// Creates the folder and its missing parents. An existing folder is left as it is.
  ///
  /// - Parameter mode: the permissions of a new folder, which the umask restricts. New parents are private
  ///   to the owner.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func create(_ url: URL, mode: mode_t = 0o700) throws(ConsiliumError) {
    let url = url.standardizedFileURL
    let parent = url.deletingLastPathComponent()
    if mkdir(url.path, mode) != 0 {
      if errno == ENOENT, parent.path != url.path {
        try create(parent)
        guard mkdir(url.path, mode) == 0 || errno == EEXIST else { throw error(url) }
      } else if errno != EEXIST {
        throw error(url)
      } else {
        return try check(url)
      }
    }
    try synchronise(parent)
  }

  /// Waits until the names in a folder would survive a crash of the machine.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func synchronise(_ url: URL) throws(ConsiliumError) {
    let descriptor = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw ConsiliumError(.storage, "cannot synchronise '\(url.path)': \(systemMessage())")
    }
  }

  private static func check(_ url: URL) throws(ConsiliumError) {
    var status = stat()
    guard stat(url.path, &status) == 0 else { throw error(url) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw ConsiliumError(.storage, "cannot use the folder '\(url.path)': it is a file")
    }
  }

  private static func error(_ url: URL) -> ConsiliumError {
    let isFull = errno == ENOSPC || errno == EDQUOT
    return ConsiliumError(
      .storage,
      "cannot make the folder '\(url.path)': "
        + (isFull ? "the disk is full; free some space" : systemMessage()))
  }
}
