import FederatedCore
import Foundation

/// An open folder, whose files are reachable by short paths.
///
/// The path of a Unix socket has at most 107 bytes, and a folder of an anchor may have a longer one.
final class FolderDescriptor: Sendable {
  private let number: Int32

  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ folder: URL) throws(ConsiliumError) {
    number = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else {
      throw ConsiliumError(
        .storage, "cannot open the folder '\(folder.path)': \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(number) }

  /// A path of a file in the folder, for this process.
  func path(of name: String) -> String { "/proc/self/fd/\(number)/\(name)" }
}
