import FederatedCore
import Foundation

/// Creates files and folders that only their owner can open, from the first moment on.
package enum PrivateFile {
  /// Creates a new file with mode 0600, whatever the umask, and flushes it so that it survives a crash of the
  /// machine.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the file exists, `.storage` if it cannot be
  ///   written.
  package static func create(_ data: Data, at url: URL) throws(ConsiliumError) {
    let path = url.path(percentEncoded: false)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        throw ConsiliumError(.unavailable, "'\(path)' already exists and was not changed")
      }
      throw ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    do {
      try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: data)
    } catch {
      unlink(path)
      throw ConsiliumError(.storage, "cannot write '\(path)'; is the disk full?", cause: error)
    }
    guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
      unlink(path)
      throw ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
  }

  /// Creates a folder with mode 0700, and its parents with the default mode. An existing folder is left as it
  /// is.
  package static func createFolder(_ url: URL) throws(ConsiliumError) {
    let path = url.path(percentEncoded: false)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw ConsiliumError(.storage, "cannot create the folder of '\(path)'", cause: error)
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw ConsiliumError(.storage, "cannot create '\(path)': \(String(cString: strerror(errno)))")
    }
  }
}
