import FederatedCore

/// Laws that every site transport must satisfy, as seen from both ends.
public struct SiteTransportLaws<T: SiteTransport>: Sendable {
  /// A transport and the coordinator's end of it.
  public struct Link: Sendable {
    public var transport: T
    public var assign: @Sendable (Assignment, SiteID) async -> Void
    /// Assigns a streamed question to a site. The closure creates a stream host, which replies to the site's
    /// frames; it is called again if the conversation starts again.
    public var assignStream:
      @Sendable (Assignment, SiteID, StreamSchema, @escaping @Sendable () -> any StreamHost) async -> Void
    public var withdraw: @Sendable (SiteID) async -> Void
    /// Waits for the next answer that the coordinator accepts.
    public var nextAnswer: @Sendable () async -> (SiteID, Assignment.ID, ReceivedAnswer)?
    public var close: @Sendable () async -> Void

    public init(
      transport: T, assign: @escaping @Sendable (Assignment, SiteID) async -> Void,
      assignStream:
        @escaping @Sendable (
          Assignment, SiteID, StreamSchema, @escaping @Sendable () -> any StreamHost
        ) async -> Void,
      withdraw: @escaping @Sendable (SiteID) async -> Void,
      nextAnswer: @escaping @Sendable () async -> (SiteID, Assignment.ID, ReceivedAnswer)?,
      close: @escaping @Sendable () async -> Void
    ) {
      self.transport = transport
      self.assign = assign
      self.assignStream = assignStream
      self.withdraw = withdraw
      self.nextAnswer = nextAnswer
      self.close = close
    }
  }

  let makeLink: @Sendable () async throws -> Link
  private let sites = [SiteID("a"), SiteID("b")]

  public init(_ makeLink: @escaping @Sendable () async throws -> Link) { self.makeLink = makeLink }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    try await assignmentsReachOnlyTheirSite()
    try await anUnansweredAssignmentIsGivenAgain()
    try await anAnswerCountsOnce()
    try await aWithdrawnAssignmentTakesNoAnswer()
    try await closingEndsAllWaits()
    try await framesAndRepliesCrossInOrder()
    try await aRepeatedConversationHasANewHost()
    try await aConversationEndsWithItsQuestion()
    try await theErrorOfTheSitesHalfComesBack()
  }

  private func assignment(_ round: Int) -> Assignment {
    var generator = RandomStream(seed: UInt64(round))
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [5])])
    var message = StageMessage(
      StageMessage.Kind("question"),
      tensors: [
        "model": .parameters(NamedParts(ModelParameters.random(layout, using: &generator))),
        "words": .u32([0, 7, .max]), "halves": .bf16([0x3f80, 0]), "long": .u64([1 << 60]),
      ])
    message[FactKey<Double>("rate")] = 0.1
    message[FactKey<[String]>("names")] = ["", "ä"]
    message[FactKey<[Int]>("counts")] = [-3, 1 << 40]
    return Assignment(id: .init(round: round, stage: 0, question: 2), message: message, previousRound: 7)
  }

  private func answer(_ patients: Int, to assignment: Assignment) async throws -> StageAnswer {
    let evaluation = SiteEvaluation(patientCount: patients, exampleCount: patients, loss: nil, metrics: [])
    return .message(
      try await ReleaseGate().release(
        StageDraft(evaluation), answering: assignment, as: SiteEvaluation.schema))
  }

  private func submit(_ patients: Int, round: Int, over link: Link) async throws {
    let assignment = assignment(round)
    try await link.transport.submit(
      try await answer(patients, to: assignment), to: assignment, from: sites[0])
  }

  private func assignmentsReachOnlyTheirSite() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    await link.assign(assignment(2), sites[1])
    for (site, round) in zip(sites, 1...) {
      let received = try await link.transport.nextAssignment(for: site)
      try expect(
        received?.id.round == round, "'\(site)' got the assignment of round \(received?.id.round ?? 0)")
      try expect(
        received?.message == assignment(round).message, "the message of round \(round) changed in transfer")
      try expect(
        received?.id == assignment(round).id && received?.previousRound == 7,
        "the id of round \(round) changed in transfer")
    }
    await link.close()
  }

  private func anUnansweredAssignmentIsGivenAgain() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    for _ in 0..<2 {
      let received = try await link.transport.nextAssignment(for: sites[0])
      try expect(received?.id.round == 1, "an unanswered assignment was not sent again")
    }
    await link.close()
  }

  private func anAnswerCountsOnce() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    for patients in [3, 4] { try await submit(patients, round: 1, over: link) }
    await link.assign(assignment(2), sites[0])
    try await submit(5, round: 2, over: link)
    for (round, patients) in [(1, 3), (2, 5)] {
      guard case (let site, let id, .message(let received))? = await link.nextAnswer(),
        let evaluation = try? SiteEvaluation(received.message)
      else {
        throw LawBroken(description: "the answer to round \(round) did not arrive")
      }
      try expect(
        (site, id.round, evaluation.patientCount) == (sites[0], round, patients),
        "expected the first answer to round \(round), got one to round \(id.round)")
    }
    await link.close()
  }

  private func aWithdrawnAssignmentTakesNoAnswer() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    await link.withdraw(sites[0])
    try await submit(3, round: 1, over: link)
    await link.close()
    try expect(await link.nextAnswer() == nil, "an answer to a withdrawn assignment was accepted")
  }

  private func closingEndsAllWaits() async throws {
    let link = try await makeLink()
    async let first = link.transport.nextAssignment(for: sites[0])
    async let second = link.transport.nextAssignment(for: sites[1])
    await link.close()
    let ended = (try await first == nil, try await second == nil)
    try expect(ended == (true, true), "a site still waits after the study has ended")
    try expect(
      try await link.transport.nextAssignment(for: sites[0]) == nil,
      "an assignment was sent after the end of the study")
  }

  // MARK: Streams

  private var stage: StreamedSumStage { StreamedSumStage { _ in [] } }

  /// Assigns a streamed question and runs the site's half of one conversation.
  private func converse<Result: Sendable>(
    over link: Link, _ body: @escaping @Sendable (StageChannel) async throws -> Result
  ) async throws -> Result {
    guard let schema = stage.stream else {
      throw LawBroken(description: "the stage of the law has no stream")
    }
    let assignment = assignment(1)
    await link.assignStream(assignment, sites[0], schema) { StreamedSum() }
    return try await link.transport.converse(about: assignment, from: sites[0]) { send in
      try await body(
        StageChannel(schema, of: assignment, gate: ReleaseGate(), journal: nil, send: send))
    }
  }

  private func framesAndRepliesCrossInOrder() async throws {
    let link = try await makeLink()
    // Include a frame without elements, and a frame of more than one network chunk.
    for count in [0, 3, 700_001] {
      let frames = [[UInt32](0..<UInt32(count)), [UInt32](repeating: 5, count: count)]
      let replies = try await converse(over: link) { channel in
        var replies: [StageMessage] = []
        for values in frames {
          replies.append(try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, values)))
        }
        return replies
      }
      try expect(
        replies.map { $0.tensors["values"] } == [
          .u32(VectorBuffer(frames[0])), .u32(VectorBuffer(frames[0].map { $0 + 5 })),
        ],
        "a frame or a reply of \(count) elements changed in transfer")
    }
    await link.close()
  }

  private func aRepeatedConversationHasANewHost() async throws {
    let link = try await makeLink()
    for _ in 0..<2 {
      let reply = try await converse(over: link) {
        try await $0.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [7]))
      }
      try expect(reply.tensors["values"] == .u32([7]), "a repeated conversation continues the last one")
    }
    await link.close()
  }

  private func aConversationEndsWithItsQuestion() async throws {
    let link = try await makeLink()
    let site = sites[0]
    let error = await error {
      try await converse(over: link) { channel in
        _ = try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [7]))
        await link.withdraw(site)
        _ = try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [8]))
      }
    }
    try expect(
      (error as? ConsiliumError)?.code == .unavailable,
      "a conversation continues after its question was withdrawn: \(String(describing: error))")
    await link.close()
  }

  private func theErrorOfTheSitesHalfComesBack() async throws {
    let link = try await makeLink()
    let error = await error {
      try await converse(over: link) { channel in
        _ = try await channel.exchange(StreamedSumStage.Numbers(StreamedSumStage.frame, [7]))
        throw ConsiliumError(.diverged, "of the site")
      }
    }
    try expect(
      (error as? ConsiliumError)?.code == .diverged,
      "the error of the site's half is lost: \(String(describing: error))")
    await link.close()
  }

  private func error(of body: () async throws -> Void) async -> (any Error)? {
    do {
      try await body()
      return nil
    } catch {
      return error
    }
  }
}
