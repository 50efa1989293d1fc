import Foundation

/// The lock that says who uses a shared file, and the only place that takes it.
///
/// A user of a file holds it shared until the descriptor is closed. Whoever wants to overwrite the file must hold it
/// alone. `flock` belongs to the open file, so it works between tasks of one process as between processes.
enum FileUse {
  /// Marks an open file as in use until its descriptor is closed. Returns false if it is no longer the file
  /// at `path`.
  static func begin(_ descriptor: Int32, at path: String) -> Bool {
    // Only somebody who is about to overwrite the file holds the lock alone, and only for a moment. After that
    // moment the file has another name. On a file system without locks this fails, but exclusive locks fail there
    // too, so nothing is overwritten.
    while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
    guard let file = FileIdentity(of: descriptor) else { return false }
    return file == FileIdentity(at: path)
  }

  /// Renames the file `path` to `name`, to be overwritten, and opens it. Returns `nil` if it is in use or has
  /// another name.
  static func takeOver(_ path: String, as name: String) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let file = FileIdentity(of: descriptor),
      file.isRegular, file.nameCount == 1, file == FileIdentity(at: path), rename(path, name) == 0
    else {
      close(descriptor)
      return nil
    }
    // From now on this process is a user of the file, by a name that nobody else knows.
    flock(descriptor, LOCK_SH)
    return descriptor
  }
}
