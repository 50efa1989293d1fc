import FederatedCore
import GRPCCore

/// Sends the product's errors over the network, as a gRPC status with the error's code and message.
extension ConsiliumError: RPCErrorConvertible {
  fileprivate static let codeKey = "consilium-code"

  public var rpcErrorCode: RPCError.Code {
    switch code {
    case .invalidInput, .invalidUpdate: .invalidArgument
    case .unavailable: .failedPrecondition
    case .cancelled: .cancelled
    case .storage: .resourceExhausted
    default: .internalError
    }
  }

  /// The message, truncated if it would not fit into a header. Otherwise the whole call would fail for a
  /// different reason.
  public var rpcErrorMessage: String {
    let bytes = message.utf8
    guard bytes.count > Self.longestMessage else { return message }
    return String(decoding: bytes.prefix(Self.longestMessage), as: UTF8.self) + "…"
  }

  /// The maximum length in bytes. Percent-encoding may triple it, and all headers together have at most 16
  /// KiB.
  private static let longestMessage = 3000

  public var rpcErrorMetadata: Metadata { [Self.codeKey: .string(code.description)] }

  /// Creates the error that the peer sent, or an error that describes the failure of the connection.
  init(_ error: RPCError, calling peer: String) {
    if let name = error.metadata[stringValues: Self.codeKey].first(where: { _ in true }) {
      // A newer peer may send a code that this version does not know. Treat it as `engine`.
      self.init(Code(name) ?? .engine, error.message, cause: error)
      return
    }
    let message =
      switch error.code {
      case .unauthenticated, .permissionDenied: error.message
      case .unimplemented: "\(peer) does not know this request; it runs a different version"
      default: "\(peer) cannot be reached: \(error.message)"
      }
    self.init(.unavailable, message, cause: error)
  }
}

extension RPCError {
  /// Whether the same call may succeed later, because the link or the other process failed, not the request.
  var isPassing: Bool {
    switch code {
    case .unavailable, .deadlineExceeded, .aborted, .cancelled: true
    // A full disk is worth a retry, since space may be freed. A message that is too long stays too long.
    case .resourceExhausted: consiliumCode == ConsiliumError.Code.storage.description
    // The transport reports one of these codes if a connection breaks during a stream.
    case .unknown, .internalError: consiliumCode == nil
    default: false
    }
  }

  private var consiliumCode: String? { metadata[stringValues: ConsiliumError.codeKey].first { _ in true } }
}
