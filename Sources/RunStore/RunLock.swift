import FederatedCore
import Foundation

/// The right to write to a run folder. Only one process holds this right at a time. A process loses the right
/// when it ends, even by a crash.
final class RunLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// - Throws: ``ConsiliumError`` with code `.unavailable`, naming the holder of the lock.
  static func take(_ folder: RunFolder) throws -> RunLock {
    let path = folder.lock.path(percentEncoded: false)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ConsiliumError(.storage, "cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
    let lock = RunLock(descriptor: descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ConsiliumError(
        .unavailable,
        "'\(folder.url.path(percentEncoded: false))' is in use by \(holder(at: path)); wait until that run ends, or choose "
          + "another folder")
    }
    let text = "process \(getpid()) on \(ProcessInfo.processInfo.hostName)\n"
    ftruncate(descriptor, 0)
    // Ignore a failure: the text only names the holder in the message above, and the lock holds without it.
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    return lock
  }

  deinit {
    // Unlock explicitly: a child between fork and exec still holds the descriptor, and with it the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(at path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return line.isEmpty ? "another process" : line
  }
}
