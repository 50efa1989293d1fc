import FederatedCore
import GRPCCore

/// How errors of the product cross the network: gRPC's status with the code and message of the error.
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

  /// Cut short where it would not fit a header: the whole call would then fail for another reason than this one.
  public var rpcErrorMessage: String {
    let bytes = message.utf8
    guard bytes.count > Self.longestMessage else { return message }
    return String(decoding: bytes.prefix(Self.longestMessage), as: UTF8.self) + "…"
  }

  /// Bytes; each may become three in a header of at most 16 KiB.
  private static let longestMessage = 3000

  public var rpcErrorMetadata: Metadata { [Self.codeKey: .string(code.description)] }

  /// What the other side said, or what became of the link to it.
  init(_ error: RPCError, calling peer: String) {
    if let name = error.metadata[stringValues: Self.codeKey].first(where: { _ in true }) {
      // A newer peer may have codes that this version does not know.
      self.init(Code(name) ?? .engine, error.message, cause: error)
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
    case .unavailable, .deadlineExceeded, .aborted, .cancelled: true
    // A full disk at the other end is freed; a message that is too long stays so.
    case .resourceExhausted: consiliumCode == ConsiliumError.Code.storage.description
    // What the transport reports when a connection breaks in mid-stream.
    case .unknown, .internalError: consiliumCode == nil
    default: false
    }
  }

  private var consiliumCode: String? { metadata[stringValues: ConsiliumError.codeKey].first { _ in true } }
}
