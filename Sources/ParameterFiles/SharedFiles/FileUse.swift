import Foundation

/// The lock that marks a shared file as in use. No other code locks these files.
///
/// A user of a file holds a shared lock until the descriptor is closed. A writer must hold an exclusive lock
/// to overwrite the file. `flock` belongs to the open file, so it works between tasks of one process as well
/// as between processes.
enum FileUse {
  /// Marks an open file as in use until its descriptor is closed. Returns false if the open file is no longer
  /// the file at `path`.
  static func begin(_ descriptor: Int32, at path: String) -> Bool {
    // Wait for the lock. Only a writer that is about to overwrite the file holds it exclusively, and only
    // until the writer has renamed the file. The comparison below detects the new name. On a file system
    // without locks this call fails, but exclusive locks fail there too, so nothing is overwritten.
    while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    guard let file = FileIdentity(of: descriptor) else { return false }
    return file == FileIdentity(at: path)
  }

  /// Renames the file `path` to `name` and opens it, so that the caller can overwrite it. Returns `nil` if
  /// the file is in use or has a second name.
  static func takeOver(_ path: String, as name: String) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let file = FileIdentity(of: descriptor),
      file.isRegular, file.nameCount == 1, file == FileIdentity(at: path), rename(path, name) == 0
    else {
      close(descriptor)
      return nil
    }
    // Keep the file marked as in use. No other process knows its new name.
    flock(descriptor, LOCK_SH)
    return descriptor
  }
}
