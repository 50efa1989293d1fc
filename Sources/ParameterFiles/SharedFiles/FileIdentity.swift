import Foundation

/// The identity of a file, independent of its names.
struct FileIdentity: Equatable {
  private let device: dev_t
  private let number: ino_t
  /// The number of the file's names.
  let nameCount: Int
  let isRegular: Bool
  /// The size of the file in bytes.
  let size: Int

  /// The identity of an open file; `nil` if it cannot be determined.
  init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The identity of the file that currently has the name `path`; `nil` if there is none.
  init?(at path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = status.st_dev
    number = status.st_ino
    nameCount = Int(status.st_nlink)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    size = Int(status.st_size)
  }

  static func == (lhs: Self, rhs: Self) -> Bool { lhs.device == rhs.device && lhs.number == rhs.number }
}
