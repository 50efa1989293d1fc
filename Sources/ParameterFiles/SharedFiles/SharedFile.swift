import FederatedCore
import Foundation

/// A file open for reading. Nobody overwrites it while this object exists. The file can be mapped any number
/// of times and can get further names.
package final class SharedFile: Sendable {
  package let url: URL
  /// The size of the file in bytes.
  package let count: Int
  private let descriptor: Int32
  private let isTemporary: Bool

  /// - Parameter isTemporary: whether the file is removed together with this object.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package init(_ url: URL, isTemporary: Bool = false) throws(ConsiliumError) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.error(url, systemMessage()) }
    guard FileUse.begin(descriptor, at: url.path) else {
      close(descriptor)
      throw Self.error(url, "it was removed just now")
    }
    guard let file = FileIdentity(of: descriptor), file.isRegular else {
      close(descriptor)
      throw Self.error(url, "it is not a regular file")
    }
    guard file.size > 0 else {
      close(descriptor)
      throw Self.error(url, "it is empty")
    }
    self.url = url
    self.count = file.size
    self.descriptor = descriptor
    self.isTemporary = isTemporary
  }

  deinit {
    if isTemporary { unlink(url.path) }
    close(descriptor)
  }

  /// A new read-only mapping of the whole file, which the caller unmaps.
  package func map() throws(ConsiliumError) -> UnsafeMutableRawBufferPointer {
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw Self.error(url, systemMessage()) }
    return UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  /// Reads bytes into memory, starting at `offset`. Returns their number, which is smaller at the end of the
  /// file.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package func read(into target: UnsafeMutableRawBufferPointer, from offset: Int) throws(ConsiliumError)
    -> Int
  {
    let count = pread(descriptor, target.baseAddress, target.count, off_t(offset))
    guard count >= 0 else { throw Self.error(url, systemMessage()) }
    return count
  }

  /// Whether the file begins with `data`.
  func begins(with data: Data) -> Bool {
    var bytes = Data(count: data.count)
    let read = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return read == data.count && bytes == data
  }

  /// Gives this file the further name `path`. Returns false if that is impossible, or if a different file has
  /// replaced it at `url`.
  package func link(to path: String) -> Bool {
    guard Foundation.link(url.path, path) == 0 else { return false }
    if let file = FileIdentity(of: descriptor), file == FileIdentity(at: path) { return true }
    unlink(path)
    return false
  }

  /// Waits until the file's contents would survive a crash of the machine. Returns false if that fails.
  func synchronise() -> Bool { fsync(descriptor) == 0 }

  static func error(_ url: URL, _ fault: String) -> ConsiliumError {
    ConsiliumError(.storage, "cannot read '\(url.path)': \(fault)")
  }
}

/// The text of the last system error (`errno`).
func systemMessage() -> String { String(cString: strerror(errno)) }
