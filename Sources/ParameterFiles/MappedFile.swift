import FederatedCore
import Foundation

/// A file open for reading, whose bytes can be mapped any number of times.
struct MappedFile: ~Copyable {
  let url: URL
  let count: Int
  private let descriptor: Int32

  /// - Throws: ``ConsiliumError`` with code `.storage`.
  init(_ url: URL) throws(ConsiliumError) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.error(url, systemMessage()) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Self.error(url, "it is not a regular file")
    }
    guard status.st_size > 0 else {
      close(descriptor)
      throw Self.error(url, "it is empty")
    }
    (self.url, self.count, self.descriptor) = (url, Int(status.st_size), descriptor)
  }

  deinit { close(descriptor) }

  /// A new read-only mapping of the whole file, which the caller unmaps.
  func map() throws(ConsiliumError) -> UnsafeMutableRawBufferPointer {
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw Self.error(url, systemMessage()) }
    return UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  static func error(_ url: URL, _ fault: String) -> ConsiliumError {
    ConsiliumError(.storage, "cannot read '\(url.path)': \(fault)")
  }
}

/// What `errno` means.
func systemMessage() -> String { String(cString: strerror(errno)) }
