import FederatedCore
import Foundation

/// Creates files and folders that only their owner can open, from the first moment on.
package enum PrivateFile {
  /// Creates a new file with mode 0600, whatever the umask, so that it survives a crash of the machine.
  ///
  /// The file appears complete or not at all: it is written under a temporary name, which an interrupted
  /// process may leave behind (``removeLeftovers(of:)``).
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the file exists, `.storage` if it cannot be
  ///   written.
  package static func create(_ data: Data, at url: URL) throws(ConsiliumError) {
    let path = url.path(percentEncoded: false)
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw ConsiliumError(.unavailable, "'\(path)' already exists and was not changed")
    }
    let temporary = temporaryPath(beside: url, mark: UInt64.random(in: .min ... .max))
    defer { unlink(temporary) }
    try write(data, to: temporary, for: path)
    // Unlike a rename, a link never replaces a file.
    guard link(temporary, path) == 0 else {
      if errno == EEXIST {
        throw ConsiliumError(.unavailable, "'\(path)' already exists and was not changed")
      }
      throw error(path)
    }
    try synchronise(folderOf: url)
  }

  /// Removes the temporary files that interrupted creations of the file `url` have left behind.
  package static func removeLeftovers(of url: URL) {
    let folder = url.deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(prefix(of: url)) && name.hasSuffix(suffix) {
      unlink(folder.appending(path: name).path)
    }
  }

  private static let suffix = ".part"

  private static func prefix(of url: URL) -> String { ".\(url.lastPathComponent)." }

  private static func temporaryPath(beside url: URL, mark: UInt64) -> String {
    url.deletingLastPathComponent().appending(path: prefix(of: url) + String(mark, radix: 36) + suffix).path
  }

  private static func write(_ data: Data, to temporary: String, for path: String) throws(ConsiliumError) {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw error(path) }
    defer { close(descriptor) }
    do {
      try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: data)
    } catch {
      throw ConsiliumError(.storage, "cannot write '\(path)'; is the disk full?", cause: error)
    }
    guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw error(path) }
  }

  private static func synchronise(folderOf url: URL) throws(ConsiliumError) {
    let folder = url.deletingLastPathComponent().path
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else { throw error(folder) }
  }

  private static func error(_ path: String) -> ConsiliumError {
    ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
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
