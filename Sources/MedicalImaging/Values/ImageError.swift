/// An error of reading, writing or transforming an image: what kind it is and a message that a user can act on.
///
/// Messages name the file and the fault, never a patient's value or a pixel.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of an error.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String {
      case unreadable, unknownFormat, malformed, unsupported, inconsistent, invalidArgument
    }
    private let kind: Kind
    public var description: String { kind.rawValue }

    /// The file is absent, empty or cannot be opened.
    public static let unreadable = Self(kind: .unreadable)
    /// The content belongs to no format that is read.
    public static let unknownFormat = Self(kind: .unknownFormat)
    /// The content breaks its own format, or ends early.
    public static let malformed = Self(kind: .malformed)
    /// The content is of a known format but of a kind that is not read.
    public static let unsupported = Self(kind: .unsupported)
    /// The parts of a series, or an image and its mask, do not fit each other.
    public static let inconsistent = Self(kind: .inconsistent)
    /// A transform was asked for something impossible.
    public static let invalidArgument = Self(kind: .invalidArgument)
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    (self.code, self.message) = (code, message)
  }

  public var description: String { message }

  /// The same fault, said of a file.
  func naming(_ file: String) -> Self { Self(code, "\(file): \(message)") }
}
