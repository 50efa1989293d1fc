import FederatedCore
import Foundation

/// Files of a folder that are no longer needed, kept so that new files of the same size can overwrite them.
///
/// The models and updates of consecutive rounds have the same sizes. Overwriting old files saves the work of
/// removing them and of allocating pages and disk blocks again. In training over the network, that work took
/// a seventh of a round's time.
///
/// A file is overwritten only if nobody uses it (``FileUse``) and it has only one name. A mapped file
/// therefore never changes.
package struct SpareFiles: Sendable {
  private static let prefix = ".spare-"
  /// The maximum number of spare files: two, for a site's model and its update.
  private static let most = 2

  private let folder: URL

  package init(in folder: URL) { self.folder = folder }

  private var places: [String] {
    (0..<Self.most).map { folder.appending(path: "\(Self.prefix)\($0)").path }
  }

  /// Whether a file name belongs to a spare file.
  package static func isSpare(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Whether the file `path` has a second name, under which other processes may still open it.
  package static func isShared(_ path: String) -> Bool {
    FileIdentity(at: path).map { $0.nameCount > 1 } ?? false
  }

  /// Removes the name `path`, and keeps the file as a spare if this was its only name and there is room.
  package func keep(_ path: String) {
    if FileIdentity(at: path)?.nameCount == 1 {
      for place in places where access(place, F_OK) != 0 {
        if rename(path, place) == 0 { return }
      }
    }
    unlink(path)
  }

  /// Renames a spare file to `path`, to be overwritten. Returns its descriptor, or `nil` if all spare files
  /// are in use or there are none.
  func take(as path: String) -> Int32? {
    for place in places {
      if let descriptor = FileUse.takeOver(place, as: path) { return descriptor }
    }
    return nil
  }

  /// Renames a spare file to `path`, if one is free, for a different process that will overwrite it.
  package func place(at path: String) {
    if let descriptor = take(as: path) { close(descriptor) }
  }

  package func removeAll() {
    for place in places { unlink(place) }
  }
}
