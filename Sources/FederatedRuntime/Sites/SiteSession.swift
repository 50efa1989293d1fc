import FederatedCore
import Foundation

/// One site's work in an arm: its stages, its trainer, its release gate and the stages' memory.
public actor SiteSession {
  public nonisolated let site: SiteID
  private let stages: StageRegistry
  private let trainer: any LocalTrainer
  private let gate: ReleaseGate
  private let journal: (any SiteJournal)?
  private let initialMemory: NamedParts?
  /// The values that the stages store at the site between assignments. They change only after the gate has
  /// released an answer.
  public private(set) var memory: NamedParts

  /// - Parameters:
  ///   - memory: The stages' memory before the first assignment; `nil` if it is empty.
  ///   - journal: Stores the site's answers and memory; `nil` if the coordinator's checkpoint holds them.
  public init(
    site: SiteID, stages: StageRegistry, trainer: any LocalTrainer, gate: ReleaseGate,
    memory: NamedParts? = nil, journal: (any SiteJournal)? = nil
  ) {
    self.site = site
    self.stages = stages
    self.trainer = trainer
    self.gate = gate
    self.journal = journal
    self.memory = memory ?? .none
    initialMemory = memory
  }

  /// Answers the coordinator's assignments until the arm ends or the task is cancelled.
  ///
  /// Reports failures of the work, and answers that the coordinator rejects, as failures. Throws transport
  /// errors and local storage errors: the site can resume that work. Throws the refusal of a second
  /// question as well: only people can decide how to continue.
  public nonisolated func serve(over transport: some SiteTransport) async throws {
    while let assignment = try await transport.nextAssignment(for: site) {
      do {
        try await transport.submit(try await answer(assignment, over: transport), to: assignment, from: site)
      } catch let error as ConsiliumError where error.code == .invalidUpdate {
        // Report the failure; otherwise the coordinator would assign the same work and receive the same
        // answer.
        try await transport.submit(.failure(gate.release(refusal: error)), to: assignment, from: site)
      }
    }
  }

  func answer(_ assignment: Assignment, over transport: some SiteTransport) async throws -> StageAnswer {
    do {
      return .message(
        try await message(answering: assignment, in: try stages.stage(of: assignment), over: transport))
    } catch let refusal as Refusal {
      return .failure(gate.release(refusal: refusal.error))
    } catch {
      let error = ConsiliumError(wrapping: error)
      // Throw instead of reporting a failure to the coordinator, which might then end the study. Once the
      // site's staff have freed disk space, the site does the work.
      if error.code == .storage || error.refusal != nil { throw error }
      return .failure(gate.release(error))
    }
  }

  private func message(
    answering assignment: Assignment, in stage: some StageProtocol, over transport: some SiteTransport
  ) async throws -> Released<StageMessage> {
    if let journal { try await claim(assignment, in: journal, isDispensable: stage.isDispensable) }
    // For a streamed question, do not send a stored answer again: the host has its half only after a
    // conversation. Repeat the conversation, which yields the same replies and the same answer.
    if stage.stream == nil, let journal,
      let kept = try await gate.releaseKept(to: assignment, as: stage.answer, from: journal)
    {
      return kept
    }
    if let journal, stage.keepsMemory {
      memory = try await journal.memory(before: assignment) ?? initialMemory ?? .none
    }
    let tools = SiteTools(
      site: site, trainer: trainer, memory: stage.keepsMemory && !memory.parts.isEmpty ? memory : nil)
    let draft = try await makeDraft(of: stage, to: assignment, with: tools, over: transport)
    do {
      let released = try await gate.release(
        draft, answering: assignment, as: stage.answer, keepingIn: journal)
      if stage.keepsMemory { memory = draft.memory }
      return released
    } catch let error as ConsiliumError where error.code == .invalidUpdate {
      throw Refusal(error: error)
    }
  }

  /// Records the question before any work on it.
  private func claim(_ assignment: Assignment, in journal: any SiteJournal, isDispensable: Bool) async throws
  {
    do {
      try await journal.claim(assignment)
    } catch let error as ConsiliumError where error.refusal != nil && isDispensable {
      throw Refusal(error: error)
    }
  }
}

extension SiteSession {
  /// Does the work of a stage. For a stage with a stream, the work runs within a conversation with the host.
  private func makeDraft(
    of stage: some StageProtocol, to assignment: Assignment, with tools: SiteTools,
    over transport: some SiteTransport
  ) async throws -> StageDraft {
    guard let schema = stage.stream else { return try await stage.respond(to: assignment, with: tools) }
    let (gate, journal) = (gate, journal)
    return try await transport.converse(about: assignment, from: site) { send in
      var tools = tools
      tools.channel = StageChannel(schema, of: assignment, gate: gate, journal: journal, send: send)
      return try await stage.respond(to: assignment, with: tools)
    }
  }
}

/// The error if the gate refuses to release an answer, or if the site refuses a question without which
/// the study continues.
private struct Refusal: Error {
  let error: ConsiliumError
}

extension ConsiliumError {
  /// Converts any error to a ``ConsiliumError``, with code `.cancelled` for a cancelled task, `.storage`
  /// for an error of the file system, and `.engine` for all other errors. A ``ConsiliumError`` stays
  /// unchanged.
  package init(wrapping error: any Error) {
    switch error {
    case let error as ConsiliumError: self = error
    case is CancellationError: self.init(.cancelled, "stopped")
    // Such an error ends no study: once its cause is gone, the work resumes.
    case let error as CocoaError where error.isFileError:
      self.init(.storage, error.localizedDescription, cause: error)
    case is POSIXError: self.init(.storage, "\(error)", cause: error)
    default: self.init(.engine, "\(error)", cause: error)
    }
  }
}
