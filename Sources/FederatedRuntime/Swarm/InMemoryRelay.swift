import FederatedCore
import ParameterFiles
import Synchronization

/// A relay in the memory of one process. The swarm of a simulation uses it, and so do tests. It shares the
/// memory of what it stores, and copies nothing.
public final class InMemoryRelay: SwarmRelay {
  private let stored = Mutex<[String: NamedParts]>([:])

  public init() {}

  public func put(_ parts: NamedParts) -> String {
    let digest = ParameterDigest.sha256(of: parts)
    stored.withLock { $0[digest] = parts }
    return digest
  }

  public func parts(_ digest: String) -> NamedParts? { stored.withLock { $0[digest] } }

  public func remove(_ digest: String) { stored.withLock { $0[digest] = nil } }

  /// The number of stored groups of parameters.
  public var count: Int { stored.withLock(\.count) }
}
