import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import StudyProtocol
import Synchronization
import Testing
import WorkerProtocol

@testable import SiteAgent

/// Content that a site's policy withholds does not leave. Details of errors go to the site's own log, not to
/// the other parties.
struct GatedSessionTests {
  private struct Failing: LocalTrainer {
    let error: ConsiliumError

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    { throw error }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation { throw error }
  }

  private struct Telling: LocalTrainer {
    var value: Float = 0

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      LocalResult(
        delta: ModelParameters(layout: global.layout, values: [value]),
        summary: TrainingSummary(
          exampleCount: 40, stepCount: 5, loss: 0.5, seconds: 2,
          patients: TrainingPatients(trained: .madeUp(20))))
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      SiteEvaluation(
        patientCount: 20, exampleCount: 40, loss: 0.4,
        metrics: [MetricEstimate(name: "dice", value: 0.7, patientCount: 20)]
      ).withMadeUpPatients()
    }
  }

  /// Gives a site one training and one evaluation assignment, and records its answers.
  private actor Transport: SiteTransport {
    private(set) var answers: [StageAnswer] = []
    private var assignments: [Assignment]

    init(_ assignments: [Assignment]) { self.assignments = assignments }

    func nextAssignment(for site: SiteID) -> Assignment? {
      assignments.isEmpty ? nil : assignments.removeFirst()
    }

    func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) {
      answers.append(answer)
    }
  }

  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [1])]))

  private func answers(
    of trainer: some LocalTrainer, _ policy: SitePolicy = SitePolicy(),
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> [StageAnswer] {
    let settings = FederationSettings(arm: "fedavg", rounds: 1, learningRate: { _ in 0.1 }, seed: 1)
    let session = SiteSession(
      site: SiteID("HT"),
      stages: StageRegistry([
        TrainingStage(FedAvg(), settings: settings), EvaluationStage(.validation(settings)),
      ]), trainer: trainer, gate: ReleaseGate(policy, for: nil, log: log))
    let transport = Transport([
      Assignment(id: .init(round: 1, stage: 0), message: .train(from: model, learningRate: 0.1)),
      Assignment(id: .init(round: 1, stage: nil), message: .evaluate(model, on: .validation)),
    ])
    try await session.serve(over: transport)
    return await transport.answers
  }

  @Test(arguments: [ConsiliumError.Code.engine, .invalidInput, .unavailable, .invalidUpdate])
  func fileNamesDoNotLeaveTheSite(code: ConsiliumError.Code) async throws {
    let message = "'/data/patient-0815/flair.nii' ends in the middle"
    let log = Mutex<[String]>([])
    let failing = Failing(error: ConsiliumError(code, message, cause: CancellationError()))
    let answers = try await answers(of: failing) { line in log.withLock { $0.append(line) } }
    #expect(answers.count == 2)
    for answer in answers {
      guard case .failure(let released) = answer else { throw ConsiliumError(.engine, "no failure") }
      let error = released.content
      #expect(error.code == code && error.cause == nil)
      #expect(!error.message.contains("0815") && error.message.contains("log at the site"))
    }
    #expect(log.withLock { $0 } == [message, message])
  }

  /// The coordinator is not told that the site's disk is full.
  @Test func fullDiskAtTheSiteIsNotSentAsAnAnswer() async throws {
    let log = Mutex<[String]>([])
    let error = try await #require(throws: ConsiliumError.self) {
      try await answers(of: Failing(error: ConsiliumError(.storage, "the disk is full"))) { line in
        log.withLock { $0.append(line) }
      }
    }
    #expect(error.message == "the disk is full")
    #expect(log.withLock { $0 }.isEmpty)
  }

  /// The study lead sets the learning rate, so the advice must arrive, but no other text of the message.
  @Test func divergenceLeavesTheSiteWithItsAdviceOnly() async throws {
    let said = Divergence(.loss, round: 1, step: 2).description
    for message in [said, "'/data/patient-0815/flair.nii': \(said)"] {
      for answer in try await answers(of: Failing(error: ConsiliumError(.diverged, message))) {
        guard case .failure(let released) = answer else { throw ConsiliumError(.engine, "no failure") }
        #expect(released.content.code == .diverged && released.content.message == said)
      }
    }
  }

  @Test func shortageOfMemoryLeavesTheSiteWithItsAdviceOnly() async throws {
    let error = ConsiliumError(.memory, "tried to allocate 0815 bytes")
    for answer in try await answers(of: Failing(error: error)) {
      guard case .failure(let released) = answer else { throw ConsiliumError(.engine, "no failure") }
      #expect(released.content.code == .memory)
      #expect(released.content.message.contains("lower the batch size (training.batch-size)"))
      #expect(!released.content.message.contains("0815"))
    }
  }

  /// The gate's own messages name no file, and tell the study lead what to change in the study.
  @Test func refusedUpdateNamesTheReason() async throws {
    guard case .failure(let released)? = try await answers(of: Telling(value: .nan)).first else {
      throw ConsiliumError(.engine, "no failure")
    }
    #expect(released.content.code == .diverged)
    #expect(released.content.message == Divergence(.update, round: 1).description)
  }

  @Test(arguments: [true, false]) func siteFiguresLeaveOnlyIfThePolicyAllowsIt(leave: Bool) async throws {
    let policy = SitePolicy(release: .init(perSiteMetrics: leave))
    let answers = try await answers(of: Telling(value: 3), policy)
    guard case .message(let first) = answers[0], case .message(let second) = answers[1] else {
      throw ConsiliumError(.engine, "no update and evaluation")
    }
    let trained = try SiteUpdate<ModelParameters>(first.content, site: SiteID("HT"), round: 1)
    #expect(trained.update.payload.values == [3])
    let summary = trained.summary
    #expect(summary.exampleCount == 40 && summary.stepCount == 5)
    #expect(summary.loss == (leave ? 0.5 : nil))
    let found = try SiteEvaluation(second.content)
    #expect(found.patientCount == 20)
    #expect(found.loss == (leave ? 0.4 : nil))
    #expect(found.metrics.count == (leave ? 1 : 0))
    let news = policy.filter(
      TrainingProgress(
        step: 3, stepCount: 5, loss: 0.6, examplesPerSecond: 8, patients: .madeUp(10)))
    #expect(news == TrainingProgress(step: 3, stepCount: 5, loss: leave ? 0.6 : nil, examplesPerSecond: 8))
  }
}
