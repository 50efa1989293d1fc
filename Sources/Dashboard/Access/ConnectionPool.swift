import Credentials
import Logging
import NIOCore
import Synchronization

/// Counts the connections of each address, and of each visitor once the visitor is known.
final class ConnectionPool: Sendable {
  private enum Owner: Hashable {
    case address(String)
    case visitor(Party)
  }

  private struct State {
    var owners: [ObjectIdentifier: Owner] = [:]
    var counts: [Owner: Int] = [:]
    var reported: [Owner: ContinuousClock.Instant] = [:]

    mutating func take(_ owner: Owner, for id: ObjectIdentifier) {
      owners[id] = owner
      counts[owner, default: 0] += 1
    }

    mutating func free(_ id: ObjectIdentifier) {
      guard let owner = owners.removeValue(forKey: id) else { return }
      let count = (counts[owner] ?? 1) - 1
      counts[owner] = count > 0 ? count : nil
    }
  }

  let limits: DashboardLimits
  private let logger: Logger
  private let state = Mutex(State())

  init(_ limits: DashboardLimits, logger: Logger) {
    self.limits = limits
    self.logger = logger
  }

  /// Registers a new connection. Returns `false` if its address has too many.
  func open(_ channel: any Channel) -> Bool {
    let address = ClientPool.name(of: channel.remoteAddress?.ipAddress ?? "")
    return take(.address(address), for: channel, limit: limits.connectionsPerAddress)
  }

  /// Registers the visitor of a connection. Returns `false` if the visitor has too many connections.
  func identify(_ channel: any Channel, as visitor: Visitor) -> Bool {
    let id = ObjectIdentifier(channel)
    let owner = Owner.visitor(visitor.party)
    // Tests of the router have no connection.
    let isSettled = state.withLock { $0.owners[id] == owner || $0.owners[id] == nil }
    return isSettled || take(owner, for: channel, limit: limits.connectionsPerVisitor)
  }

  func close(_ channel: any Channel) { state.withLock { $0.free(ObjectIdentifier(channel)) } }

  /// The number of open connections.
  var count: Int { state.withLock { $0.owners.count } }

  private func take(_ owner: Owner, for channel: any Channel, limit: Int) -> Bool {
    let (isWithin, isNew) = state.withLock { state in
      if state.counts[owner, default: 0] < limit {
        state.free(ObjectIdentifier(channel))
        state.take(owner, for: ObjectIdentifier(channel))
        return (true, false)
      }
      // A flood of connections must not be a flood of log lines.
      let now = ContinuousClock.now
      if let last = state.reported[owner], now - last < .seconds(60) { return (false, false) }
      if state.reported.count >= 1000 { state.reported.removeAll() }
      state.reported[owner] = now
      return (false, true)
    }
    if isNew { report(owner, limit) }
    return isWithin
  }

  private func report(_ owner: Owner, _ limit: Int) {
    let client =
      switch owner {
      case .address(let address): address
      case .visitor(let party): party.description
      }
    logger.warning(
      "refused a connection: its client has the maximum number already",
      metadata: ["client": .string(client), "connections": .stringConvertible(limit)])
  }
}
