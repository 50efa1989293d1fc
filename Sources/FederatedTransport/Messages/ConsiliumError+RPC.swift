import FederatedCore
import GRPCCore

/// How errors of the product cross the network: gRPC's status with the code and message of the error.
extension ConsiliumError: RPCErrorConvertible {
  private static let codeKey = "consilium-code"

  public var rpcErrorCode: RPCError.Code {
    switch code {
    case .invalidInput, .invalidUpdate: .invalidArgument
    case .unavailable: .failedPrecondition
    case .cancelled: .cancelled
    case .storage: .resourceExhausted
    default: .internalError
    }
  }

  public var rpcErrorMessage: String { message }

  public var rpcErrorMetadata: Metadata { [Self.codeKey: .string(code.description)] }

  /// What the other side said, or what became of the link to it.
  init(_ error: RPCError, calling peer: String) {
    if let name = error.metadata[stringValues: Self.codeKey].first(where: { _ in true }),
      let code = Code(name)
    {
      self.init(code, error.message, cause: error)
      return
    }
    let message =
      switch error.code {
      case .unauthenticated, .permissionDenied: error.message
      case .unimplemented: "\(peer) does not know this request; its version is another"
      default: "\(peer) cannot be reached: \(error.message)"
      }
    self.init(.unavailable, message, cause: error)
  }
}

extension RPCError {
  /// True where the same call may succeed later: the link or the other process is gone, not the request wrong.
  var isPassing: Bool {
    switch code {
    // A full disk at the other end is freed, and an overloaded server recovers.
    case .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .cancelled: true
    // What the transport reports when a connection breaks in mid-stream.
    case .unknown, .internalError: metadata[stringValues: "consilium-code"].first { _ in true } == nil
    default: false
    }
  }
}
