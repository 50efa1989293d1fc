import FederatedTransport
import Foundation

/// The number of files and connections that this process may have open, and their shares.
///
/// Connections leave at least a quarter to files: otherwise clients could keep the coordinator from writing.
struct DescriptorLimit {
  let count: Int

  /// Raises the limit as far as the system permits without privileges.
  static func raised() -> Self {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    getrlimit(resource, &limit)
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
    setrlimit(resource, &limit)
    getrlimit(resource, &limit)
    return Self(count: Int(clamping: limit.rlim_cur))
  }

  /// The maximum number of connections of sites and commands.
  var connections: Int { min(ConnectionLimits().total, count / 2) }

  /// The maximum number of connections of browsers, of `most` at best.
  func browsers(most: Int) -> Int { min(most, count / 4) }

  /// A warning if the system permits fewer connections than usual; otherwise `nil`.
  var warning: String? {
    guard connections < ConnectionLimits().total else { return nil }
    return
      "the system permits \(count) open files, so at most \(connections) connections are accepted; raise the limit (LimitNOFILE in "
      + "the service, or ulimit -n)"
  }
}
