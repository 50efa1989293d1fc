import FederatedCore

/// Laws that every site transport must satisfy, as seen from both ends.
public struct SiteTransportLaws<T: SiteTransport>: Sendable where T.Payload == ModelParameters {
  /// A transport and the coordinator's end of it.
  public struct Link: Sendable {
    public var transport: T
    public var assign: @Sendable (Assignment, SiteID) async -> Void
    public var withdraw: @Sendable (SiteID) async -> Void
    /// Waits for the next answer that the coordinator accepts.
    public var nextAnswer: @Sendable () async -> (SiteID, Assignment.ID, ReceivedAnswer<ModelParameters>)?
    public var close: @Sendable () async -> Void

    public init(
      transport: T, assign: @escaping @Sendable (Assignment, SiteID) async -> Void,
      withdraw: @escaping @Sendable (SiteID) async -> Void,
      nextAnswer: @escaping @Sendable () async -> (SiteID, Assignment.ID, ReceivedAnswer<ModelParameters>)?,
      close: @escaping @Sendable () async -> Void
    ) {
      self.transport = transport
      self.assign = assign
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
  }

  private func assignment(_ round: Int) -> Assignment {
    var generator = RandomStream(seed: UInt64(round))
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [5])])
    return Assignment(
      id: .init(round: round, stage: 0), model: .random(layout, using: &generator),
      work: .evaluate(.validation))
  }

  private func evaluation(_ patients: Int) -> SiteAnswer<ModelParameters> {
    .evaluation(
      ReleaseGate().release(
        SiteEvaluation(patientCount: patients, exampleCount: patients, loss: nil, metrics: [])))
  }

  private func assignmentsReachOnlyTheirSite() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    await link.assign(assignment(2), sites[1])
    for (site, round) in zip(sites, 1...) {
      let received = try await link.transport.nextAssignment(for: site)
      try expect(
        received?.id.round == round, "'\(site)' got the assignment of round \(received?.id.round ?? 0)")
      try expect(received?.model == assignment(round).model, "the model of round \(round) changed on its way")
    }
    await link.close()
  }

  private func anUnansweredAssignmentIsGivenAgain() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    for _ in 0..<2 {
      let received = try await link.transport.nextAssignment(for: sites[0])
      try expect(received?.id.round == 1, "an unanswered assignment was not given again")
    }
    await link.close()
  }

  private func anAnswerCountsOnce() async throws {
    let link = try await makeLink()
    await link.assign(assignment(1), sites[0])
    for patients in [3, 4] {
      try await link.transport.submit(
        evaluation(patients), to: .init(round: 1, stage: 0), from: sites[0])
    }
    await link.assign(assignment(2), sites[0])
    try await link.transport.submit(evaluation(5), to: .init(round: 2, stage: 0), from: sites[0])
    for (round, patients) in [(1, 3), (2, 5)] {
      guard case (let site, let id, .evaluation(let evaluation))? = await link.nextAnswer() else {
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
    try await link.transport.submit(evaluation(3), to: .init(round: 1, stage: 0), from: sites[0])
    await link.close()
    try expect(await link.nextAnswer() == nil, "an answer to a withdrawn assignment counted")
  }

  private func closingEndsAllWaits() async throws {
    let link = try await makeLink()
    async let first = link.transport.nextAssignment(for: sites[0])
    async let second = link.transport.nextAssignment(for: sites[1])
    await link.close()
    let ended = (try await first == nil, try await second == nil)
    try expect(ended == (true, true), "a site still waits after the study has ended")
    try expect(
      try await link.transport.nextAssignment(for: sites[0]) == nil, "an ended study gave an assignment")
  }
}
