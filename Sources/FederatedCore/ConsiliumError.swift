/// An error of the product: its kind, a message that a user can act on, and its cause.
///
/// A message names files, lines, elements and sites, and says what was expected and what to do. It never
/// contains a patient's value or name.
public struct ConsiliumError: Error, Sendable, CustomStringConvertible {
  /// The kind of an error. It determines the exit status.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String {
      case invalidInput, invalidUpdate, engine, diverged, memory, storage, partial, cancelled, unavailable
    }
    private let kind: Kind
    public var description: String { kind.rawValue }

    private init(kind: Kind) { self.kind = kind }

    /// Creates a code from its name. Returns `nil` if the name is unknown.
    public init?(_ description: String) {
      guard let kind = Kind(rawValue: description) else { return nil }
      self.kind = kind
    }

    /// A study, site, data or command-line input is wrong.
    public static let invalidInput = Self(kind: .invalidInput)
    /// A site's update cannot be used.
    public static let invalidUpdate = Self(kind: .invalidUpdate)
    /// The engine failed, for example crashed.
    public static let engine = Self(kind: .engine)
    /// Training diverged: a loss, weights or outputs are infinite or not a number. ``Divergence`` creates the
    /// message.
    public static let diverged = Self(kind: .diverged)
    /// The engine had too little memory for a batch.
    public static let memory = Self(kind: .memory)
    /// A file or a database could not be read or written.
    public static let storage = Self(kind: .storage)
    /// The study ended without a site or a round that it requires.
    public static let partial = Self(kind: .partial)
    /// The user stopped the command.
    public static let cancelled = Self(kind: .cancelled)
    /// Something that is needed does not exist or is in use.
    public static let unavailable = Self(kind: .unavailable)
  }

  public var code: Code
  public var message: String
  public var cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { message }

  /// The exit status of a command that ends with this error: 2 for invalid input, 3 for a partial result, 130
  /// if the user stopped it, otherwise 1.
  public var exitStatus: Int32 {
    switch code {
    case .invalidInput: 2
    case .partial: 3
    case .cancelled: 130
    default: 1
    }
  }
}
