/// An error of reading, writing or transforming an image: its kind, and a message that a user can act on.
///
/// Messages name the file and the problem, never a patient's value or a pixel.
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
    /// The content is in no supported format.
    public static let unknownFormat = Self(kind: .unknownFormat)
    /// The content breaks its own format, or ends early.
    public static let malformed = Self(kind: .malformed)
    /// The content is in a known format but of an unsupported kind.
    public static let unsupported = Self(kind: .unsupported)
    /// The parts of a series, or an image and its mask, do not match.
    public static let inconsistent = Self(kind: .inconsistent)
    /// The arguments of a transform are impossible.
    public static let invalidArgument = Self(kind: .invalidArgument)
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }

  /// The same error, with the name of the file before its message.
  func naming(_ file: String) -> Self { Self(code, "\(file): \(message)") }
}
