import FederatedCore
import Foundation

/// Files of a folder that are no longer needed, kept so that others of their size can be written over them.
///
/// A round's models and updates are as large as the last one's. Written over these, they cost neither new pages nor new blocks
/// nor their removal, which took a seventh of a round over the network.
///
/// Everybody who reads such a file, or maps it, holds a shared lock on it (``use(_:at:)``), and it is written over only by who gets the
/// lock alone and finds that it has no other name. So what is mapped never changes.
package struct SpareFiles: Sendable {
  private static let prefix = ".spare-"
  /// A site's model and its update.
  private static let most = 2

  private let folder: URL

  package init(in folder: URL) { self.folder = folder }

  private var places: [String] {
    (0..<Self.most).map { folder.appending(path: "\(Self.prefix)\($0)").path }
  }

  /// True for the name of a file that this keeps.
  package static func isSpare(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Removes the name `path`, and keeps the file where it has no other and there is room.
  package func keep(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0, status.st_nlink == 1 {
      for place in places where access(place, F_OK) != 0 {
        if rename(path, place) == 0 { return }
      }
    }
    unlink(path)
  }

  /// Gives a spare file the name `path`, to be written over; its descriptor, or nil where there is none that nobody uses.
  package func take(as path: String) -> Int32? {
    for place in places {
      if let descriptor = Self.take(place, as: path) { return descriptor }
    }
    return nil
  }

  /// As ``take(as:)``, for another process that will write the file.
  package func place(at path: String) {
    if let descriptor = take(as: path) { close(descriptor) }
  }

  package func removeAll() {
    for place in places { unlink(place) }
  }

  /// Gives the file `path` the name `name`, to be written over; nil where somebody uses it, or by another name.
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
    // From now on this is its user.
    flock(descriptor, LOCK_SH)
    return descriptor
  }

  /// Says that an open file is in use until its descriptor is closed; false where it is no longer the one at `path`.
  package static func use(_ descriptor: Int32, at path: String) -> Bool {
    var status = stat()
    // Where locks cannot be had, nobody gets one alone either, and nothing is written over.
    flock(descriptor, LOCK_SH | LOCK_NB)
    return fstat(descriptor, &status) == 0 && isNamed(path, status)
  }

  /// True where `path` names the file with this status.
  private static func isNamed(_ path: String, _ status: stat) -> Bool {
    var named = stat()
    return stat(path, &named) == 0 && (named.st_dev, named.st_ino) == (status.st_dev, status.st_ino)
  }
}
