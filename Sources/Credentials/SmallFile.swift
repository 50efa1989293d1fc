import FederatedCore
import Foundation

/// Reads credential files, which are small. Each file is read whole; a file above a size limit is refused.
package enum SmallFile {
  /// The default limit in bytes.
  package static let limit = 1 << 20

  /// - Parameters:
  ///   - what: The expected content in words, for messages, such as `a certificate`.
  ///   - isPrivate: Whether the file must be inaccessible to other users.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the file is missing, too large or accessible
  ///   to other users.
  package static func read(
    _ url: URL, what: String, isPrivate: Bool = false, limit: Int = Self.limit
  ) throws(ConsiliumError) -> Data {
    let path = url.path(percentEncoded: false)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw ConsiliumError(
        .invalidInput, "cannot read '\(path)': \(String(cString: strerror(errno))); expected \(what)")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ConsiliumError(.invalidInput, "'\(path)' is not a file; expected \(what)")
    }
    // Check the open file, so that it cannot be replaced between the check and the read.
    if isPrivate { try checkPrivate(status, path) }
    guard status.st_size <= limit else {
      throw ConsiliumError(.invalidInput, "'\(path)' has \(status.st_size) bytes, too many for \(what)")
    }
    do {
      let data = try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).read(upToCount: limit + 1)
      return data ?? Data()
    } catch {
      throw ConsiliumError(.storage, "cannot read '\(path)'", cause: error)
    }
  }

  /// The text of a file; see ``read(_:what:isPrivate:limit:)``.
  package static func text(_ url: URL, what: String, isPrivate: Bool = false) throws(ConsiliumError) -> String
  {
    guard let text = String(data: try read(url, what: what, isPrivate: isPrivate), encoding: .utf8) else {
      throw ConsiliumError(
        .invalidInput, "'\(url.path(percentEncoded: false))' is not text; expected \(what)")
    }
    return text
  }

  private static func checkPrivate(_ status: stat, _ path: String) throws(ConsiliumError) {
    guard status.st_uid == geteuid() else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' belongs to user \(status.st_uid), but this program runs as user \(geteuid()), who must own it; run "
          + "'chown \(geteuid()) \(path)', or start the program as its owner")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' can be read or written by others (mode \(String(status.st_mode & 0o777, radix: 8))); run 'chmod 600 \(path)', "
          + "and replace it if someone else may have read it")
    }
  }
}
