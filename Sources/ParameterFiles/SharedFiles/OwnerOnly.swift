import FederatedCore
import Foundation

/// Creates files and folders that only their owner can open, from the first moment on and whatever the umask.
package enum OwnerOnly {
  /// Creates a folder and its parents with mode 0700. Folders that exist are left as they are.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func createFolder(_ url: URL) throws(ConsiliumError) {
    try createFolder(url.standardizedFileURL.path)
  }

  private static func createFolder(_ path: String) throws(ConsiliumError) {
    if mkdir(path, 0o700) == 0 { return }
    if errno == ENOENT, let slash = path.dropFirst().lastIndex(of: "/") {
      try createFolder(String(path[..<slash]))
      if mkdir(path, 0o700) == 0 { return }
    }
    let fault = errno
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ConsiliumError(
        .storage, "cannot create the folder '\(path)': \(String(cString: strerror(fault)))")
    }
  }

  /// Creates an empty file with mode 0600 if there is none, for a library that opens it by its name.
  ///
  /// SQLite gives its journals the mode of the database.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func createFile(_ url: URL) throws(ConsiliumError) {
    let path = url.path(percentEncoded: false)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }
}
