import FederatedCore
import Foundation
import WorkerProtocol

/// A fixed number of workers that serve requests in turn.
///
/// A request goes to a free worker, preferably to a worker that already has the session open. If a worker
/// exits, it is replaced and its request is repeated. Training is deterministic, so the result is the same.
public actor WorkerPool {
  private let configuration: WorkerConfiguration
  private let events: RunEventHandler
  private var workers: [PooledWorker]
  private var queue = WorkerQueue()
  private var isShutDown = false

  /// Starts no process yet; each worker starts with its first request.
  public init(
    _ configuration: WorkerConfiguration, count: Int, events: @escaping RunEventHandler = { _ in }
  ) {
    precondition(count >= 1, "a pool of \(count) workers")
    self.configuration = configuration
    self.events = events
    workers = (1...count).map { PooledWorker(name: "worker-\($0)") }
  }

  /// The engine's description of itself and its device. Starts a worker if none is running.
  public func engine() async throws -> EngineDescription {
    if let engine = workers.lazy.compactMap(\.link?.engine).first { return engine }
    return try await withWorker(for: nil) { worker in try await link(worker).engine }
  }

  /// Opens a session on a worker. If a worker has opened it before, returns the description from that time.
  public func open(_ session: OpenSession) async throws -> SessionDescription {
    for worker in workers { if let found = worker.sessions.description(of: session) { return found } }
    return try await withWorker(for: session) { worker in
      try await repeating("opening", session, on: worker) { try await open(session, on: worker, $0) }
    }
  }

  /// Opens a session and, if its data have no errors, trains the agreed model for one step on a batch of the
  /// data.
  ///
  /// The same worker opens the session and takes the step, so that the data are read only once.
  /// - Parameter minimum: The fewest patients that may be behind an update of the study; `nil` for any
  ///   number.
  /// - Returns: The session's description, with the findings of the step among its findings.
  /// - Throws: ``ConsiliumError`` as ``perform(_:in:progress:)``.
  public func check(_ session: OpenSession, minimumPatients minimum: Int? = nil) async throws
    -> SessionDescription
  {
    try await withWorker(for: session) { worker in
      try await repeating("checking", session, on: worker) { link in
        var description = try await open(session, on: worker, link)
        let isBroken = description.findings.contains { $0.severity == .error }
        guard !isBroken, !description.parts.isEmpty else { return description }
        let reply = try await link.request(
          .tryOut(TryOut(session: session.session, minimumPatients: minimum)))
        guard case .triedOut(let findings) = reply else {
          throw ConsiliumError(.engine, "the engine sent the wrong kind of answer to a trial step")
        }
        description.findings += findings
        return description
      }
    }
  }

  /// Sends a request to a worker. If `session` is given, that session is open on the worker.
  ///
  /// - Throws: ``ConsiliumError``; `.engine` if several workers failed on the request, `.cancelled` if the
  ///   task was cancelled.
  public func perform(
    _ request: WorkerRequest, in session: OpenSession? = nil,
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws -> WorkerReply {
    try await withWorker(for: session) { worker in
      try await repeating("working for", session, on: worker) { link in
        if let session { _ = try await open(session, on: worker, link) }
        return try await link.request(request, progress: progress)
      }
    }
  }

  /// Sends a request during which the worker exchanges frames with a host. The request is not repeated: the
  /// host would not know of it.
  ///
  /// - Throws: ``BrokenConversation`` if the worker failed, or ``ConsiliumError`` as
  ///   ``perform(_:in:progress:)``; the errors of `exchange`.
  public func perform(
    _ request: WorkerRequest, in session: OpenSession,
    progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }, exchange: @escaping WorkerExchange
  ) async throws -> WorkerReply {
    try await withWorker(for: session) { worker in
      let link = try await repeating("opening", session, on: worker) { link in
        _ = try await open(session, on: worker, link)
        return link
      }
      do {
        return try await link.request(request, progress: progress, exchange: exchange)
      } catch let error as ConsiliumError where !link.isAlive && !Task.isCancelled && !isShutDown {
        events(.workerReplaced(processID: link.engine.processID, reason: error.message))
        throw BrokenConversation(error)
      }
    }
  }

  /// Ends all workers. Current and later requests fail.
  public func shutDown() async {
    isShutDown = true
    await withTaskGroup(of: Void.self) { group in
      for link in workers.compactMap(\.link) { group.addTask { await link.stop() } }
    }
    for index in workers.indices { workers[index].forget() }
  }

  // MARK: Workers

  /// Lends a worker for as long as `body` runs.
  private func withWorker<R: Sendable>(for session: OpenSession?, _ body: (Int) async throws -> R)
    async throws
    -> R
  {
    guard !isShutDown else { throw ConsiliumError(.unavailable, "the engine processes have been shut down") }
    let worker = try await borrow(for: session)
    defer { giveBack(worker) }
    return try await body(worker)
  }

  private func borrow(for session: OpenSession?) async throws -> Int {
    let free = workers.indices.filter { !workers[$0].isBusy }
    let best = free.min { rank($0, session?.session) < rank($1, session?.session) }
    if let best {
      workers[best].isBusy = true
      return best
    }
    let ticket = queue.nextTicket()
    let worker = await withTaskCancellationHandler {
      await withCheckedContinuation { queue.append(ticket, session: session, $0) }
    } onCancel: {
      Task { await self.cancelWait(ticket) }
    }
    guard let worker else { throw ConsiliumError(.cancelled, "stopped") }
    return worker
  }

  private func cancelWait(_ ticket: Int) { queue.cancel(ticket) }

  /// The rank of a worker for a session; the lowest rank is preferred. Workers that have the session open
  /// come first, then workers with the fewest open sessions.
  private func rank(_ worker: Int, _ session: String?) -> (Int, Int) {
    let has = session.map { workers[worker].sessions.contains($0) } ?? false
    return (has ? 0 : 1, workers[worker].sessions.count)
  }

  private func giveBack(_ worker: Int) {
    let here = workers[worker].sessions
    let isOpen = { (session: String) in self.workers.contains { $0.sessions.contains(session) } }
    let next = queue.takeBest { session in
      guard let session else { return 1 }
      return here.contains(session) ? 0 : isOpen(session) ? 2 : 1
    }
    if let next { next.resume(returning: worker) } else { workers[worker].isBusy = false }
  }

  private func link(_ worker: Int) async throws -> WorkerLink {
    if let link = workers[worker].link, link.isAlive { return link }
    workers[worker].forget()
    let link = try await start(workers[worker].name)
    workers[worker].link = link
    events(.workerStarted(link.engine))
    return link
  }

  /// Starts a process, and retries if it exits at once. Does not retry after a silent process, since the next
  /// process would take as long to time out.
  private func start(_ name: String) async throws -> WorkerLink {
    var attempt = 1
    while true {
      do {
        return try await WorkerLink.start(configuration, name: name)
      } catch let error as ConsiliumError {
        guard let death = error.cause as? WorkerDeath, !death.wasSilent, attempt < configuration.attempts,
          !Task.isCancelled, !isShutDown
        else { throw error }
        attempt += 1
      }
    }
  }

  /// Runs `body`. If the worker fails, runs it again on a replacement, as often as the configuration permits.
  private func repeating<R: Sendable>(
    _ what: String, _ session: OpenSession?, on worker: Int, _ body: (WorkerLink) async throws -> R
  ) async throws -> R {
    var attempt = 1
    while true {
      let link = try await link(worker)
      do {
        return try await body(link)
      } catch let error as ConsiliumError where !link.isAlive && !Task.isCancelled && !isShutDown {
        guard attempt < configuration.attempts else {
          let object = session.map { " session '\($0.session)'" } ?? " a request"
          throw ConsiliumError(
            .engine, "\(Self.count(attempt)) in turn failed while \(what)\(object): \(error.message)",
            cause: error)
        }
        events(.workerReplaced(processID: link.engine.processID, reason: error.message))
        attempt += 1
      }
    }
  }

  private static func count(_ processes: Int) -> String {
    processes == 2 ? "two engine processes" : "\(processes) engine processes"
  }

  // MARK: Sessions

  private func open(_ session: OpenSession, on worker: Int, _ link: WorkerLink) async throws
    -> SessionDescription
  {
    if let found = workers[worker].sessions.use(session) { return found }
    while let old = workers[worker].sessions.toClose(before: session, limit: configuration.maximumSessions) {
      _ = try await link.request(.close(CloseSession(session: old)))
      workers[worker].sessions.remove(old)
    }
    guard case .opened(let description) = try await link.request(.open(session)) else {
      throw ConsiliumError(.engine, "the engine sent the wrong kind of answer to the opening of a session")
    }
    workers[worker].sessions.add(session, description)
    return description
  }
}
