import FederatedCore
import Foundation
import GRPCCore

/// How errors of etcd become errors of the product.
enum EtcdFault {
  /// Makes etcd end a stream if its leader is gone, instead of leaving the stream silent.
  static let needsLeader: Metadata = ["hasleader": "true"]

  static let contradiction = ConsiliumError(
    .unavailable, "etcd sent a reply without content; repeat the call")

  static func endedWatch(_ reason: String) -> ConsiliumError {
    ConsiliumError(
      .unavailable, "etcd sends no more changes: \(reason); read the entries again and watch from there")
  }

  static func error(of error: any Error) -> any Error {
    guard let error = error as? RPCError else { return error }
    if Task.isCancelled { return CancellationError() }
    return switch error.code {
    case .invalidArgument, .outOfRange:
      ConsiliumError(.invalidInput, "etcd refused a call: \(error.message)", cause: error)
    case .resourceExhausted where error.message.contains("space"):
      ConsiliumError(
        .storage, "the database of the register is full (\(error.message)); start a new one or free space",
        cause: error)
    default:
      ConsiliumError(
        .unavailable, "the register does not answer: \(error.message). The call can be repeated",
        cause: error)
    }
  }

  /// Whether a call failed because its lease has ended.
  static func isLostLease(_ error: ConsiliumError) -> Bool {
    guard let cause = error.cause as? RPCError else { return false }
    return cause.code == .notFound && cause.message.contains("lease")
  }
}
