import Foundation

/// A second descriptor of a file that this process has open. In tests, it stands for the descriptor that a
/// child process inherits and holds between `fork` and `exec`.
public final class InheritedFile: Sendable {
  private let descriptor: Int32

  /// `nil` if the process does not have `file` open.
  public init?(_ file: URL) {
    var sought = stat()
    guard stat(file.path(percentEncoded: false), &sought) == 0 else { return nil }
    let open = (0..<Int32(getdtablesize())).first { candidate in
      var status = stat()
      return fstat(candidate, &status) == 0
        && (status.st_dev, status.st_ino) == (sought.st_dev, sought.st_ino)
    }
    guard let open else { return nil }
    descriptor = fcntl(open, F_DUPFD_CLOEXEC, 0)
  }

  deinit { close(descriptor) }
}
