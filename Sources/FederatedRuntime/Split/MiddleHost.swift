import FederatedCore
import WorkerProtocol

/// The host's end of one turn of split learning: passes the site's frames to the worker that computes the middle.
///
/// The change of the middle is the last reply. The site adds it to its own, so that the update has the layout of
/// the whole model and nothing after it needs to know of the division.
actor MiddleHost: StreamHost {
  private let engine: MiddleEngine
  private let name: String
  private let cut: String
  private let global: ModelParameters
  private let instruction: TrainingInstruction
  private let files: FrameFiles
  private var isOpen = false
  private var isFinished = false

  init(
    _ engine: MiddleEngine, _ name: String, cut: String, global: ModelParameters,
    instruction: TrainingInstruction
  ) throws {
    self.engine = engine
    self.name = name
    self.cut = cut
    self.global = global
    self.instruction = instruction
    files = try FrameFiles(in: engine.exchange)
  }

  deinit {
    // A turn that broke off leaves its state in the worker.
    guard isOpen else { return }
    Task { [pool = engine.pool, name] in
      _ = try? await pool.perform(.close(CloseSession(session: name)))
    }
  }

  func reply(to frame: StageMessage) async throws -> StageMessage {
    do {
      if !isOpen { try await open() }
      let header = try files.ofPartner.write(frame)
      let reply = try await engine.pool.perform(.stepMiddle(StepMiddle(session: name, frame: header)))
      guard case .middleStepped(let answer) = reply else { throw unexpected }
      isFinished = frame.kind == .finish
      return try files.ofWorker.read(answer)
    } catch let error as ConsiliumError where error.code == .unavailable {
      // The worker was replaced, and the new one does not have the turn's state.
      isOpen = false
      throw BrokenConversation(error)
    }
  }

  func finish() throws -> StageMessage {
    guard isFinished else {
      throw ConsiliumError(.invalidUpdate, "the site answered before its turn of split learning was complete")
    }
    return StageMessage(.finished)
  }

  private func open() async throws {
    let (study, pool) = (engine.study, engine.pool)
    let (rate, strength) = (instruction.learningRate, instruction.proximalStrength)
    let (outgoing, incoming) = (files.ofWorker.path, files.ofPartner.path)
    let (name, cut) = (name, cut)
    let reply = try await engine.exchange.withFile(global) { file in
      try await pool.perform(
        .openMiddle(
          OpenMiddle(
            session: name, study: study, cut: cut, global: file.path, learningRate: rate,
            proximalStrength: strength, outgoing: outgoing, incoming: incoming)))
    }
    guard case .middleOpened = reply else { throw unexpected }
    isOpen = true
  }

  private var unexpected: ConsiliumError {
    ConsiliumError(.engine, "the engine sent the wrong kind of answer for the middle of the model")
  }
}

extension StageMessage.Kind {
  /// The host's half of the answer to a streamed question to train. It is empty.
  fileprivate static let finished = Self("finished")
}
