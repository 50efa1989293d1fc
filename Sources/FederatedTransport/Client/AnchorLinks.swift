import FederatedCore
import GRPCCore
import Synchronization

/// A member's connections to the anchors of a swarm. The member opens them all, and uses one until it fails.
///
/// The links are usable while ``run()`` is running.
public final class AnchorLinks: Sendable {
  let links: [NetworkLink]
  /// The place of the link that is used first.
  private let current = Mutex(0)

  /// - Parameter anchors: the addresses of all anchors, in the order of preference.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is none, or the identity cannot be used
  ///   for TLS.
  public init(_ anchors: [ClientConfiguration], keeper: IdentityKeeper) throws {
    guard !anchors.isEmpty else {
      throw ConsiliumError(.invalidInput, "no anchor is named; name at least one as HOST:PORT")
    }
    links = try anchors.map { anchor in
      var anchor = anchor
      anchor.server = .anchor
      // A call goes on to the next anchor, so an anchor that is back should be known soon.
      anchor.longestBackoff = min(anchor.longestBackoff, .seconds(2))
      return try NetworkLink(anchor, keeper: keeper)
    }
  }

  /// Keeps the connections open until the task is cancelled or ``shutDown()`` is called.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for link in links { group.addTask { try await link.run() } }
      try await group.waitForAll()
    }
  }

  public func shutDown() { for link in links { link.shutDown() } }

  /// Runs `body` with links that are closed afterwards.
  public static func with<Result: Sendable>(
    _ anchors: [ClientConfiguration], keeper: IdentityKeeper,
    _ body: @Sendable (AnchorLinks) async throws -> Result
  ) async throws -> Result {
    let links = try AnchorLinks(anchors, keeper: keeper)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try? await links.run() }
      // Cancel instead of waiting for the calls in progress: a stream of changes never ends by itself.
      defer { group.cancelAll() }
      return try await body(links)
    }
  }

  /// The options of a call that gives up early, so that the next anchor can be tried.
  static let options: CallOptions = {
    var options = CallOptions.timeout(.seconds(15))
    options.waitForReady = false
    return options
  }()

  /// Calls one anchor, the one that answered last.
  ///
  /// - Throws: ``ConsiliumError``. If the anchor does not answer, the next call uses the next anchor.
  func once<Result>(_ body: (NetworkLink) async throws -> Result) async throws -> Result {
    let place = current.withLock { $0 }
    return try await call(place, body)
  }

  /// Calls the anchors one after another until one answers. The call must do no harm if it is repeated.
  ///
  /// - Throws: ``ConsiliumError``, with code `.unavailable` if no anchor can do what is asked.
  func any<Result>(_ body: (NetworkLink) async throws -> Result) async throws -> Result {
    let first = current.withLock { $0 }
    var faults: [ConsiliumError] = []
    for step in links.indices {
      do {
        return try await call((first + step) % links.count, body)
      } catch let error as ConsiliumError {
        guard error.mayBeBetterElsewhere else { throw error }
        faults.append(error)
      }
    }
    if faults.count == 1 || faults.allSatisfy(\.meansAbsent) { throw faults[0] }
    throw ConsiliumError(
      .unavailable, "no anchor of \(links.count): " + faults.map(\.message).joined(separator: "; "))
  }

  private func call<Result>(_ place: Int, _ body: (NetworkLink) async throws -> Result) async throws -> Result
  {
    let link = links[place]
    do {
      let result = try await body(link)
      current.withLock { $0 = place }
      return result
    } catch let error as RPCError {
      try Task.checkCancellation()
      // The anchor is well, but does not have it.
      if error.code == .notFound { throw ConsiliumError(.unavailable, error.message, cause: error) }
      // Nobody waits for what is not permitted.
      if error.code == .permissionDenied {
        throw ConsiliumError(.invalidInput, error.message, cause: error)
      }
      let fault = ConsiliumError(link.explained(error), calling: link.peer)
      if fault.code == .unavailable { leave(place) }
      throw fault
    }
  }

  /// Uses the next anchor from now on, unless another call has already changed to another one.
  func leave(_ place: Int) {
    current.withLock { if $0 == place { $0 = (place + 1) % links.count } }
  }

  /// The place of the link that is used first.
  var place: Int { current.withLock { $0 } }
}

extension ConsiliumError {
  /// Whether all anchors answered that they do not have what was asked for.
  var meansAbsent: Bool { (cause as? RPCError)?.code == .notFound }

  /// Whether another anchor may do what this one could not: it is out of reach, its register has no majority,
  /// it lacks a blob, or its disk is full.
  fileprivate var mayBeBetterElsewhere: Bool {
    cause is RPCError && (code == .unavailable || code == .storage)
  }
}
