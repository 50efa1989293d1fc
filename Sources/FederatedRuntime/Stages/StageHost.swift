import FederatedCore

/// Runs stages over a mailbox: asks the questions of a stage's coordinator, and passes the answers and other
/// events back to that coordinator.
public struct StageHost: Sendable {
  public typealias MailIterator = AsyncStream<StageEvent>.AsyncIterator

  /// The party that this process represents. The host runs only stages whose plan names this party as a
  /// coordinator.
  public var node: Node
  public var arm: String
  public var mailbox: CoordinatorMailbox
  /// How long a question waits for its answers; `nil` for no limit.
  public var deadline: Duration?
  public var journal: any RoundJournal
  /// Receives the progress reports of a stage, in order.
  public var notes: @Sendable (StageNote) async throws -> Void

  public init(
    node: Node = .server, arm: String, mailbox: CoordinatorMailbox, deadline: Duration?,
    journal: any RoundJournal, notes: @escaping @Sendable (StageNote) async throws -> Void
  ) {
    self.node = node
    self.arm = arm
    self.mailbox = mailbox
    self.deadline = deadline
    self.journal = journal
    self.notes = notes
  }

  /// Runs a stage to its end.
  ///
  /// - Parameter mail: The reader of the mailbox. Mail that arrives after the end of the stage stays in the
  ///   mailbox.
  /// - Throws: ``ConsiliumError``: `.partial` if the stage cannot be completed as the study requires,
  ///   `.invalidInput` if the plan names a different coordinator.
  public func run<S: StageProtocol>(
    _ stage: S, _ task: StageTask, from input: consuming S.Input, _ mail: inout MailIterator
  ) async throws -> S.Coordinator.Outcome {
    try checkCoordinators(of: task)
    var coordinator = stage.makeCoordinator(for: task, from: input)
    var events = [StageEvent.begin]
    var alarm: Task<Void, any Error>?
    defer { alarm?.cancel() }
    while true {
      if events.isEmpty {
        guard let event = await mail.next() else { throw await reasonForTheEnd }
        events.append(event)
      }
      for action in try coordinator.take(events.removeFirst()) {
        switch action {
        case .expect(let id):
          alarm?.cancel()
          alarm = deadline.map { mailbox.postDeadline(id, after: $0) }
        case .ask(let site, let assignment):
          await mailbox.assign(
            assignment, to: site, check: { try stage.check($0, to: assignment, from: site) },
            stream: stage.stream, openHost: { try stage.makeHost(for: assignment, to: site) })
        case .withdraw(let site): await mailbox.withdraw(from: site)
        case .commit(let id, let sites):
          events.append(.committed(id, try await journal.commit(sites, of: arm, at: id)))
        case .note(let note): try await notes(note)
        case .finish(let outcome): return outcome
        case .fail(let error): throw error
        }
      }
    }
  }

  /// The error that explains why the mail ended.
  private var reasonForTheEnd: any Error {
    get async { await mailbox.hostFailure ?? CancellationError() }
  }

  private func checkCoordinators(of task: StageTask) throws(ConsiliumError) {
    for stage in task.plan.stages where !stage.members.isEmpty && !stage.coordinators.contains(node) {
      throw ConsiliumError(
        .invalidInput,
        "another party coordinates a stage of round \(task.round) of arm '\(arm)', but this program cannot hand stages over"
      )
    }
  }
}
