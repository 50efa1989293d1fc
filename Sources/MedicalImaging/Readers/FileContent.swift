import CImageCodecs
import Glibc

/// The bytes of a file, and its first bytes after decompression.
public struct FileContent: Sendable {
  public let path: String
  public let bytes: [UInt8]
  /// The first bytes (up to 1,024), decompressed if the file is gzipped.
  public let head: [UInt8]
  public let isGzipped: Bool

  /// - Throws: `ImageError.Code.unreadable` if the file is absent, empty or locked, or is a folder.
  public init(path: String) throws(ImageError) {
    self.init(path: path, bytes: try Self.load(path))
  }

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    isGzipped = bytes.starts(with: [0x1F, 0x8B])
    let start = Array(bytes.prefix(1024))
    head = isGzipped ? Inflater.prefix(of: bytes, length: 1024) : start
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The first bytes of a file, without the rest.
  ///
  /// - Throws: as ``init(path:)``.
  static func start(of path: String, length: Int = 4096) throws(ImageError) -> FileContent {
    FileContent(path: path, bytes: try load(path, upTo: length))
  }

  private static func load(_ path: String, upTo limit: Int = .max) throws(ImageError) -> [UInt8] {
    // Open without blocking, since `open` would otherwise wait forever for a writer of a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw fault() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fault() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.unreadable, "is not a file; expected an image file or a folder with one DICOM series")
    }
    guard status.st_size > 0 else { throw ImageError(.unreadable, "is empty (0 bytes)") }
    let size = min(Int(status.st_size), limit)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { return }
        count += got
      }
    }
    guard !failed else { throw fault() }
    return bytes
  }

  private static func fault() -> ImageError {
    ImageError(.unreadable, "cannot be read: \(String(cString: strerror(errno)))")
  }
}
