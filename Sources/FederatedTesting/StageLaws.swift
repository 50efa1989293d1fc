import FederatedCore

/// Laws that the two halves of every stage must satisfy: the order of arrival does not matter, unexpected
/// events change nothing, a restarted coordinator repeats its questions exactly, and undeclared content is
/// refused. For a stage with a stream, a conversation that breaks at any frame changes nothing.
public struct StageLaws<S: StageProtocol>: Sendable {
  let stage: S
  let task: StageTask
  let input: S.Input
  let trainer: @Sendable (SiteID) -> any LocalTrainer
  let text: @Sendable (S.Coordinator.Outcome) -> String

  /// - Parameters:
  ///   - task: A task for two to five sites, none of which fails.
  ///   - trainer: Creates the trainer of a site.
  ///   - text: Returns a text that describes an outcome exactly, without wall times. Equal texts mean equal
  ///     outcomes.
  public init(
    _ stage: S, _ task: StageTask, from input: S.Input,
    trainer: @escaping @Sendable (SiteID) -> any LocalTrainer,
    text: @escaping @Sendable (S.Coordinator.Outcome) -> String
  ) {
    self.stage = stage
    self.task = task
    self.input = input
    self.trainer = trainer
    self.text = text
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    try await everyOrderOfArrivalHasOneOutcome()
    try await strangeEventsChangeNothing()
    try await aRestartedCoordinatorAsksTheSame()
    try await aRepeatedQuestionHasTheSameAnswer()
    try await undeclaredContentIsRefused()
    if let stream = stage.stream { try await aBrokenConversationChangesNothing(stream) }
  }

  // MARK: A conversation in memory

  private struct Ask: Sendable {
    var site: SiteID
    var assignment: Assignment
  }

  /// A coordinator and its sites, without transports.
  private struct Conversation {
    let laws: StageLaws
    var coordinator: S.Coordinator
    var pending: [Ask] = []
    var asked: [Ask] = []
    var memories: [SiteID: NamedParts] = [:]
    var outcome: String?

    init(_ laws: StageLaws) {
      self.laws = laws
      coordinator = laws.stage.makeCoordinator(for: laws.task, from: laws.input)
    }

    mutating func take(_ event: StageEvent) throws {
      for action in try coordinator.take(event) {
        try expect(outcome == nil, "the stage acts after its end")
        switch action {
        case .ask(let site, let assignment):
          pending.append(Ask(site: site, assignment: assignment))
          asked.append(Ask(site: site, assignment: assignment))
        case .withdraw(let site): pending.removeAll { $0.site == site }
        case .commit(let id, let sites): try take(.committed(id, sites))
        case .finish(let result): outcome = laws.text(result)
        case .fail(let error): throw LawBroken(description: "the stage failed: \(error.message)")
        case .expect, .note: break
        }
      }
    }

    /// Lets the site of the pending question at `index` answer it.
    mutating func answer(_ index: Int) async throws {
      let ask = pending.remove(at: index)
      let (answer, memory) = try await laws.answer(ask, memory: memories[ask.site])
      if laws.stage.keepsMemory { memories[ask.site] = memory }
      try take(.answer(.message(answer), to: ask.assignment.id, from: ask.site))
    }

    mutating func finish(next: (Int) -> Int) async throws -> String {
      try take(.begin)
      while !pending.isEmpty { try await answer(next(pending.count)) }
      guard let outcome else {
        throw LawBroken(description: "the stage waits for no answer but has not ended")
      }
      return outcome
    }
  }

  private func answer(_ ask: Ask, memory: NamedParts?) async throws -> (ReceivedMessage, NamedParts) {
    try stage.question.check(ask.assignment.message)
    try stage.admit(ask.assignment, at: ask.site)
    let host = try stage.stream.map { _ in try stage.makeHost(for: ask.assignment, to: ask.site) }
    let draft = try await draft(of: ask, memory: memory) { frame, _ in
      guard let host else { throw LawBroken(description: "a stage without a stream sends a frame") }
      return try await host.reply(to: frame.content)
    }
    let released = try await ReleaseGate().release(draft, answering: ask.assignment, as: stage.answer)
    // Convert the released message to a received one, as a network does.
    var received = ReceivedMessage(released.content, files: [:])
    try stage.check(received, to: ask.assignment, from: ask.site)
    received.hostHalf = try await host?.finish()
    return (received, draft.memory)
  }

  private func draft(of ask: Ask, memory: NamedParts?, send: @escaping FrameExchange) async throws
    -> StageDraft
  {
    var tools = SiteTools(site: ask.site, trainer: trainer(ask.site), memory: memory)
    if let stream = stage.stream {
      tools.channel = StageChannel(stream, of: ask.assignment, gate: ReleaseGate(), journal: nil, send: send)
    }
    return try await stage.respond(to: ask.assignment, with: tools)
  }

  private func outcome(next: (Int) -> Int = { _ in 0 }) async throws -> String {
    var conversation = Conversation(self)
    return try await conversation.finish(next: next)
  }

  // MARK: Laws

  private func everyOrderOfArrivalHasOneOutcome() async throws {
    let expected = try await outcome()
    for seed in 0..<40 as Range<UInt64> {
      var generator = RandomStream(seed: seed)
      let found = try await outcome { Int.random(in: 0..<$0, using: &generator) }
      try expect(found == expected, "the order of arrival with seed \(seed) leads to another outcome")
    }
  }

  private func strangeEventsChangeNothing() async throws {
    let expected = try await outcome()
    var conversation = Conversation(self)
    try conversation.take(.begin)
    let error = ConsiliumError(.engine, "not of this stage")
    while let ask = conversation.pending.first {
      let (answer, _) = try await self.answer(ask, memory: conversation.memories[ask.site])
      var other = ask.assignment.id
      other.round += 1
      try conversation.take(.answer(.message(answer), to: other, from: ask.site))
      try conversation.take(.answer(.message(answer), to: ask.assignment.id, from: SiteID("nobody")))
      try conversation.take(.answer(.failure(error), to: other, from: ask.site))
      try conversation.take(.answer(.failure(error), to: ask.assignment.id, from: SiteID("nobody")))
      try conversation.take(.deadline(other))
      try await conversation.answer(0)
      guard conversation.outcome == nil else { break }
      // Deliver the same answer a second time.
      try conversation.take(.answer(.message(answer), to: ask.assignment.id, from: ask.site))
    }
    try expect(conversation.outcome == expected, "unexpected events change the outcome")
  }

  private func aRestartedCoordinatorAsksTheSame() async throws {
    var (first, second) = (Conversation(self), Conversation(self))
    _ = try await first.finish { _ in 0 }
    _ = try await second.finish { $0 - 1 }
    let identities = { (conversation: Conversation) in
      Dictionary(
        conversation.asked.map { ("\($0.site) \($0.assignment.id)", $0.assignment.message) },
        uniquingKeysWith: { $1 })
    }
    try expect(
      identities(first) == identities(second), "a question depends on the time or the order of answers")
    try expect(
      Set(first.asked.map { "\($0.site) \($0.assignment.id)" }).count == first.asked.count,
      "two questions to one site have the same id")
  }

  private func aRepeatedQuestionHasTheSameAnswer() async throws {
    guard !stage.keepsAnswers else { return }
    var conversation = Conversation(self)
    try conversation.take(.begin)
    for ask in conversation.pending {
      let (first, second) = (try await answer(ask, memory: nil).0, try await answer(ask, memory: nil).0)
      try expect(first.message == second.message, "an answer that is not stored differs when it is repeated")
    }
  }

  private func undeclaredContentIsRefused() async throws {
    try expect(stage.question.kind != stage.answer.kind, "questions and answers have the same kind")
    var conversation = Conversation(self)
    try conversation.take(.begin)
    guard let ask = conversation.pending.first else { return }
    let answer = try await answer(ask, memory: nil).0
    let changes: [(inout StageMessage) -> Void] = [
      { $0.kind = StageMessage.Kind("another") }, { $0.facts["undeclared"] = .integer(7) },
      { $0.tensors["undeclared"] = .u64([7]) },
    ]
    for change in changes {
      var message = answer.message
      change(&message)
      let refused = refuses {
        try stage.check(ReceivedMessage(message, files: [:]), to: ask.assignment, from: ask.site)
      }
      try expect(refused, "an answer with undeclared content is accepted")
      var question = ask.assignment
      change(&question.message)
      try expect(
        refuses { try StageRegistry([stage]).admit(question, at: ask.site) },
        "a question with undeclared content is accepted")
    }
    var late = ask.assignment
    late.id.round = .max
    try expect(
      refuses { try stage.admit(late, at: ask.site) }, "a question of a round that does not exist is admitted"
    )
  }

  private func aBrokenConversationChangesNothing(_ stream: StreamSchema) async throws {
    var conversation = Conversation(self)
    try conversation.take(.begin)
    guard let ask = conversation.pending.first else { return }
    let expected = try await answer(ask, memory: nil).0
    for last in 0..<stream.mostFrames {
      let host = try stage.makeHost(for: ask.assignment, to: ask.site)
      _ = try? await draft(of: ask, memory: nil) { frame, number in
        if number == last { throw ConsiliumError(.unavailable, "the link broke") }
        return try await host.reply(to: frame.content)
      }
      let again = try await answer(ask, memory: nil).0
      try expect(
        again.message == expected.message && again.hostHalf == expected.hostHalf,
        "a conversation that broke at frame \(last) changes the answer or the host's half")
    }
  }

  private func refuses(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return false
    } catch {
      return true
    }
  }
}
