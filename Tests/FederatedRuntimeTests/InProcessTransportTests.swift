import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct InProcessTransportTests {
  @Test func satisfiesTheTransportLaws() async throws {
    try await SiteTransportLaws {
      let mailbox = CoordinatorMailbox()
      return .init(
        transport: InProcessTransport(mailbox), assign: { await mailbox.assign($0, to: $1) },
        assignStream: { await mailbox.assign($0, to: $1, stream: $2, openHost: $3) },
        withdraw: { await mailbox.withdraw(from: $0) },
        nextAnswer: {
          for await case .answer(let answer, let id, let site) in mailbox.mail { return (site, id, answer) }
          return nil
        }, close: { await mailbox.close() })
    }.check()
  }

  @Test func cancellationEndsTheWaitForAnAssignment() async throws {
    let mailbox = CoordinatorMailbox()
    let wait = Task { await mailbox.nextAssignment(for: SiteID("a")) }
    wait.cancel()
    #expect(await wait.value?.id == nil)
  }
}

struct SiteSessionTests {
  /// A coordinator that rejects every update.
  private actor StrictTransport: SiteTransport {
    private(set) var answers: [StageAnswer] = []
    private var assignments: [Assignment]

    init(_ assignments: [Assignment]) { self.assignments = assignments }

    func nextAssignment(for site: SiteID) -> Assignment? {
      assignments.isEmpty ? nil : assignments.removeFirst()
    }

    func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) throws {
      if case .message = answer { throw ConsiliumError(.invalidUpdate, "not signed") }
      answers.append(answer)
    }
  }

  @Test func rejectedUpdateIsReportedAsFailure() async throws {
    let trainer = ReferenceTrainer.sites(1)[0]
    let settings = FederationSettings(arm: "arm", rounds: 1, learningRate: { _ in 0.1 }, seed: 1)
    let session = SiteSession(
      site: SiteID("a"), stages: StageRegistry([TrainingStage(FedAvg(), settings: settings)]),
      trainer: trainer, gate: ReleaseGate())
    let transport = StrictTransport([
      Assignment(id: .init(round: 1, stage: 0), message: .train(from: referenceModel, learningRate: 0.1))
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
