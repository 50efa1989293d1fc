import CTorch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error of the engine: its kind, and the message of libtorch or of this module.
public struct TorchError: Error, Sendable, CustomStringConvertible {
  /// The kind of an error.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: String { case invalidArgument, outOfMemory, unavailable, other }
    private let kind: Kind
    public var description: String { kind.rawValue }

    private init(kind: Kind) { self.kind = kind }

    /// Shapes, types or values do not fit the operation.
    public static let invalidArgument = Self(kind: .invalidArgument)
    /// There is not enough memory for the result.
    public static let outOfMemory = Self(kind: .outOfMemory)
    /// The device does not exist.
    public static let unavailable = Self(kind: .unavailable)
    /// Any other failure inside libtorch.
    public static let other = Self(kind: .other)

    init(_ status: CTStatus) {
      switch status {
      case .invalidArgument: self = .invalidArgument
      case .outOfMemory: self = .outOfMemory
      case .unavailable: self = .unavailable
      default: self = .other
      }
    }
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}

typealias MessagePointer = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Calls a function of the C++ shim around libtorch, and throws the error that it reports.
@inline(__always)
func check(_ call: (MessagePointer) -> CTStatus) throws(TorchError) {
  var message: UnsafeMutablePointer<CChar>?
  let status = call(&message)
  if status != .ok { throw adoptError(status, message) }
}

/// Calls a function of the shim that creates an object, and takes ownership of the object's handle.
@inline(__always)
func adopt(
  _ call: (UnsafeMutablePointer<OpaquePointer?>, MessagePointer) -> CTStatus
) throws(TorchError) -> OpaquePointer {
  var handle: OpaquePointer?
  var message: UnsafeMutablePointer<CChar>?
  let status = call(&handle, &message)
  guard status == .ok, let handle else { throw adoptError(status, message) }
  return handle
}

private func adoptError(_ status: CTStatus, _ message: UnsafeMutablePointer<CChar>?) -> TorchError {
  defer { free(message) }
  return TorchError(.init(status), message.map { String(cString: $0) } ?? "libtorch gave no result")
}
