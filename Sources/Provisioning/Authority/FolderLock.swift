import FederatedCore
import Foundation

/// An exclusive lock on a folder. One process holds it at a time. The lock is released when that process
/// ends, even in a crash.
enum FolderLock {
  /// Waits for the lock, and runs `body` while holding it. Each holder keeps it only as long as it takes to
  /// issue a certificate.
  static func hold<Result>(
    _ folder: URL, _ body: () throws(ConsiliumError) -> Result
  ) throws(ConsiliumError) -> Result {
    let path = folder.appending(path: ".lock").path(percentEncoded: false)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw ConsiliumError(.storage, "cannot lock '\(path)': \(String(cString: strerror(errno)))")
      }
    }
    return try body()
  }
}
