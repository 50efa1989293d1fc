import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct InProcessTransportTests {
  @Test func obeysTheLaws() async throws {
    try await SiteTransportLaws {
      let desk = CoordinatorDesk<ModelParameters>()
      return .init(
        transport: InProcessTransport(desk), assign: { await desk.assign($0, to: $1) },
        withdraw: { await desk.withdraw(from: $0) },
        nextAnswer: {
          for await case .answer(let received) in desk.mail {
            return (received.site, received.id, received.answer)
          }
          return nil
        }, close: { await desk.close() })
    }.check()
  }

  @Test func aCancelledWaitEnds() async throws {
    let desk = CoordinatorDesk<ModelParameters>()
    let wait = Task { await desk.nextAssignment(for: SiteID("a")) }
    wait.cancel()
    #expect(await wait.value?.id == nil)
  }
}

struct SiteSessionTests {
  /// A coordinator that will not have any update.
  private actor StrictTransport: SiteTransport {
    private(set) var answers: [SiteAnswer<ModelParameters>] = []
    private var assignments: [Assignment]

    init(_ assignments: [Assignment]) { self.assignments = assignments }

    func nextAssignment(for site: SiteID) -> Assignment? {
      assignments.isEmpty ? nil : assignments.removeFirst()
    }

    func submit(_ answer: SiteAnswer<ModelParameters>, to id: Assignment.ID, from site: SiteID) throws {
      if case .update = answer { throw ConsiliumError(.invalidUpdate, "not signed") }
      answers.append(answer)
    }
  }

  @Test func anUpdateThatTheCoordinatorWillNotHaveBecomesAFailure() async throws {
    let trainer = ReferenceTrainer.sites(1)[0]
    let session = SiteSession(
      site: SiteID("a"), strategy: FedAvg(), trainer: trainer, gate: ReleaseGate(),
      state: FedAvg().initialSiteState(for: referenceModel.layout))
    let instruction = TrainingInstruction(
      round: 1, amount: .steps(1), learningRate: 0.1, seed: 1, weighting: .samples)
    let transport = StrictTransport([
      Assignment(
        id: .init(round: 1, stage: 0), model: referenceModel,
        work: .train(instruction, message: NamedParts(names: [], parts: [])))
    ])
    try await session.serve(over: transport)
    guard case .failure(let error)? = await transport.answers.first else {
      Issue.record("no failure was sent")
      return
    }
    #expect(error.content.message == "not signed")
    #expect(await transport.answers.count == 1)
  }
}
