import FederatedCore
import Foundation

/// The right to write in a run folder: one process at a time, given up when it ends in whatever way.
final class RunLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// - Throws: ``ConsiliumError`` with code `.unavailable` that says who holds it.
  static func take(_ folder: RunFolder) throws -> RunLock {
    let path = folder.lock.path(percentEncoded: false)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
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
    // The text only serves the message above; the lock holds without it.
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    return lock
  }

  deinit {
    // Closing alone would leave the lock to a child process that is being started just now, until it runs its own program.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(at path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return line.isEmpty ? "another process" : line
  }
}
