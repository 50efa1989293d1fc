import FederatedCore
import Foundation

/// Files of a folder that are no longer needed, kept so that new files of the same size can overwrite them.
///
/// A round's models and updates are as large as those of the last round. Overwriting the old files saves
/// allocating pages and disk blocks and removing the files, which took a seventh of a round over the network.
///
/// Every process that reads or maps such a file holds a shared lock on it (``use(_:at:)``). A writer
/// overwrites a file only if it obtains an exclusive lock and the file has no other name. A mapped file
/// therefore never changes.
package struct SpareFiles: Sendable {
  private static let prefix = ".spare-"
  /// The number of spare files: a site's model and its update.
  private static let most = 2

  private let folder: URL

  package init(in folder: URL) { self.folder = folder }

  private var places: [String] {
    (0..<Self.most).map { folder.appending(path: "\(Self.prefix)\($0)").path }
  }

  /// Whether a file name belongs to a spare file.
  package static func isSpare(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Removes the name `path`, and keeps the file as a spare if it has no other name and there is room.
  package func keep(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0, status.st_nlink == 1 {
      for place in places where access(place, F_OK) != 0 {
        if rename(path, place) == 0 { return }
      }
    }
    unlink(path)
  }

  /// Renames a spare file to `path`, to be overwritten. Returns its descriptor, or `nil` if all spare files
  /// are in use or there are none.
  package func take(as path: String) -> Int32? {
    for place in places {
      if let descriptor = Self.take(place, as: path) { return descriptor }
    }
    return nil
  }

  /// Renames a spare file like ``take(as:)``, for another process that will write it.
  package func place(at path: String) {
    if let descriptor = take(as: path) { close(descriptor) }
  }

  package func removeAll() {
    for place in places { unlink(place) }
  }

  /// Renames the file `path` to `name`, to be overwritten. Returns `nil` if it is in use or has another name.
  static func take(_ path: String, as name: String) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
      status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, isNamed(path, status),
      rename(path, name) == 0
    else {
      close(descriptor)
      return nil
    }
    // Downgrade the lock to a shared one: from now on, this process is a user of the file.
    flock(descriptor, LOCK_SH)
    return descriptor
  }

  /// Marks an open file as in use until its descriptor is closed. Returns false if it is no longer the file
  /// at `path`.
  package static func use(_ descriptor: Int32, at path: String) -> Bool {
    var status = stat()
    // Ignore a failure to lock. On a file system without locks, exclusive locks fail too, so nothing is
    // overwritten.
    flock(descriptor, LOCK_SH | LOCK_NB)
    return fstat(descriptor, &status) == 0 && isNamed(path, status)
  }

  /// Whether `path` names the file with this status.
  private static func isNamed(_ path: String, _ status: stat) -> Bool {
    var named = stat()
    return stat(path, &named) == 0 && (named.st_dev, named.st_ino) == (status.st_dev, status.st_ino)
  }
}
