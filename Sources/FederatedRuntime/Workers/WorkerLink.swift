import Dispatch
import FederatedCore
import Foundation
import Synchronization
import WorkerProtocol

/// One worker and the socket to it. Handles one request at a time.
public final class WorkerLink: Sendable {
  /// The description that the worker sent at start-up.
  public let engine: EngineDescription

  private let process: WorkerProcess
  private let patience: Duration
  /// Sending and receiving block, so they run on a separate thread.
  private let queue: DispatchQueue
  private let lastID = Atomic(1)
  private let hasFailed = Atomic(false)

  private init(
    engine: EngineDescription, process: WorkerProcess, patience: Duration, queue: DispatchQueue
  ) {
    self.engine = engine
    self.process = process
    self.patience = patience
    self.queue = queue
  }

  /// Starts a worker and agrees on the protocol version.
  ///
  /// - Parameter name: The name of the worker's log file, without an extension.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the worker cannot be started or uses a
  ///   different version.
  public static func start(_ configuration: WorkerConfiguration, name: String) async throws -> WorkerLink {
    let process = try await WorkerProcess(
      executable: configuration.executable, arguments: configuration.arguments,
      log: configuration.logDirectory.appending(path: name + ".log"))
    process.socket.setPatience(configuration.patience)
    let queue = DispatchQueue(label: "consilium.worker." + name)
    let hello = WorkerRequest.hello(Hello(threads: configuration.threads, device: configuration.device))
    let exchange = Exchange(
      process: process, patience: configuration.patience, progress: { _ in },
      exchange: noExchange)
    let reply: WorkerReply
    do {
      reply = try await exchange.run(hello, id: 1, on: queue)
    } catch let death as WorkerDeath {
      if Task.isCancelled { throw ConsiliumError(.cancelled, "stopped") }
      throw ConsiliumError(
        .unavailable, "the engine '\(configuration.executable.path)' did not start: \(death.reason)",
        cause: death)
    }
    guard case .hello(let engine) = reply, engine.version == workerProtocolVersion else {
      throw ConsiliumError(
        .unavailable,
        "the engine '\(configuration.executable.path)' does not support version \(workerProtocolVersion) of the worker "
          + "protocol; build both programs from the same version")
    }
    return WorkerLink(engine: engine, process: process, patience: configuration.patience, queue: queue)
  }

  /// The exchange of a request without frames.
  public static let noExchange: WorkerExchange = { _ in
    throw ConsiliumError(.engine, "the engine sent a frame of a divided model, which was not asked for")
  }

  /// Whether the worker can take requests. False once the worker has exited, hung or sent an invalid answer.
  public var isAlive: Bool { !hasFailed.load(ordering: .acquiring) }

  /// Sends a request and waits for its reply. `progress` receives the reports in between.
  ///
  /// - Parameter exchange: Passes a frame of the worker to the host of a divided model and returns the host's
  ///   reply. Its error ends the request.
  /// - Throws: ``ConsiliumError``: the engine's own error, `.engine` if the worker exited or hung,
  ///   `.cancelled` if the task was cancelled (the worker is then killed, since native code cannot be
  ///   interrupted).
  public func request(
    _ request: WorkerRequest, progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in },
    exchange: @escaping WorkerExchange = noExchange
  ) async throws -> WorkerReply {
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    do {
      return try await Exchange(
        process: process, patience: patience, progress: progress, exchange: exchange
      )
      .run(request, id: id, on: queue)
    } catch let death as WorkerDeath {
      hasFailed.store(true, ordering: .releasing)
      if Task.isCancelled { throw ConsiliumError(.cancelled, "stopped") }
      throw ConsiliumError(.engine, "the engine process \(engine.processID) \(death.reason)", cause: death)
    }
  }

  /// Ends the process.
  public func stop() async {
    hasFailed.store(true, ordering: .releasing)
    _ = await process.end(grace: .seconds(2))
  }
}

/// Passes a frame of a worker that trains half of a model to the host of the other half, and returns the host's
/// reply.
public typealias WorkerExchange = @Sendable (FrameHeader) async throws -> FrameHeader

/// The reason why a worker can no longer be used.
struct WorkerDeath: Error {
  var reason: String
  var wasSilent = false
}

/// One request and its replies.
private struct Exchange: Sendable {
  let process: WorkerProcess
  let patience: Duration
  let progress: @Sendable (TrainingProgress) -> Void
  let exchange: WorkerExchange

  /// - Throws: ``WorkerDeath``, ``ConsiliumError`` if the reply is `failed`, or the error of `exchange`.
  func run(_ request: WorkerRequest, id: Int, on queue: DispatchQueue) async throws -> WorkerReply {
    var reply = try await answer(to: request, id: id, on: queue)
    while case .exchange(let frame) = reply {
      let resume: ResumeTraining
      do {
        resume = ResumeTraining(frame: try await exchange(frame))
      } catch {
        // End the request at the worker too, so that the worker can be used again.
        _ = try? await answer(to: .resume(ResumeTraining(frame: nil)), id: id, on: queue)
        throw error
      }
      reply = try await answer(to: .resume(resume), id: id, on: queue)
    }
    return reply
  }

  private func answer(to request: WorkerRequest, id: Int, on queue: DispatchQueue) async throws -> WorkerReply
  {
    let outcome: WorkerReply?
    do {
      outcome = try await withTaskCancellationHandler {
        try await send(WorkerMessage(id: id, body: request), on: queue)
      } onCancel: {
        process.kill()
      }
    } catch is MessageSocket.Silence {
      process.kill()
      _ = await process.end(grace: .zero)
      throw WorkerDeath(
        reason: "sent nothing for \(patience) and was stopped. \(process.logTail)", wasSilent: true)
    } catch {
      let ending = await process.end(grace: .seconds(1))
      throw WorkerDeath(reason: "\(ending): \(error). \(process.logTail)")
    }
    guard let reply = outcome else {
      throw WorkerDeath(reason: "\(await process.end(grace: .seconds(1))). \(process.logTail)")
    }
    if case .failed(let failure) = reply {
      throw ConsiliumError(ConsiliumError.Code(failure.code) ?? .engine, failure.message)
    }
    return reply
  }

  private func send(_ message: WorkerMessage<WorkerRequest>, on queue: DispatchQueue) async throws
    -> WorkerReply?
  {
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(
          with: Result {
            try process.socket.send(message)
            return try finalReply(to: message.id)
          })
      }
    }
  }

  /// The reply that is not a progress report; `nil` if the worker closed the socket.
  private func finalReply(to id: Int) throws -> WorkerReply? {
    while let reply = try process.socket.receive(WorkerMessage<WorkerReply>.self) {
      guard reply.id == id else {
        throw ConsiliumError(.engine, "it answered request \(reply.id) instead of request \(id)")
      }
      guard case .progress(let report) = reply.body else { return reply.body }
      progress(report)
    }
    return nil
  }
}
