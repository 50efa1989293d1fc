import FederatedCore
import Foundation
import Testing
import WorkerProtocol

struct WorkerMessageTests {
  static let frame = FrameHeader(
    kind: "down", facts: ["shape": .integers([2, 3]), "clip-scale": .real(0.1)],
    tensors: ["values": .init(type: "F32", count: 6, offset: 0)])

  static let requests: [WorkerRequest] = [
    .hello(Hello(threads: 2, device: "cpu")),
    .open(
      OpenSession(
        session: "a", study: "{}", sites: ["{}"], dataRoot: "/data", seed: .max, cacheBytes: 1)),
    .tryOut(TryOut(session: "a")), .initialise(InitialiseModel(session: "a", output: "m")),
    .train(
      TrainModel(
        session: "a", global: "g", round: 3, amount: .steps(7), learningRate: 1e-3, seed: 5,
        proximalStrength: 0.1,
        gradientOffset: nil, output: "o")),
    .train(
      TrainModel(
        session: "a", global: "g", round: 3, amount: .epochs(1), learningRate: 1e-3, seed: 5,
        proximalStrength: 0, gradientOffset: "c", output: "o",
        split: SplitTraining(cut: "layer2", outgoing: "x", incoming: "y", checksHost: true))),
    .resume(ResumeTraining(frame: frame)), .resume(ResumeTraining(frame: nil)),
    .openMiddle(
      OpenMiddle(
        session: "t", study: "{}", cut: "layer2", global: "g", learningRate: 0.1, proximalStrength: 0.5,
        outgoing: "x", incoming: "y")),
    .stepMiddle(StepMiddle(session: "t", frame: frame)),
    .evaluate(EvaluateModel(session: "a", model: "m", part: .test, replicates: 9)),
    .drawPanels(DrawPanels(session: "a", model: "m", count: 2, directory: "d")),
    .drawPanels(DrawPanels(session: "a", model: "m", count: 2, worst: [7, 1], directory: "d")),
    .summarise(SummariseData(session: "a", question: .ranges, minimum: 10)),
    .summarise(
      SummariseData(session: "a", question: .counts([nil, StatisticsGrid(low: -0.5, high: 7)]), minimum: 1)),
    .inspect(InspectFile(path: "p")), .close(CloseSession(session: "a")),
  ]

  static let replies: [WorkerReply] = [
    .hello(
      EngineDescription(engine: "libtorch", processID: 1, threads: 2, device: "cpu", cpuFeatures: ["avx2"])),
    .opened(
      SessionDescription(
        parts: [.init(part: .training, patients: 1, examples: 2)],
        findings: [
          DataFinding(
            severity: .error, site: SiteID("a"), element: nil, records: 3, message: "m", places: ["f"])
        ],
        precision: "fp32", memoryFormat: "contiguous")),
    .triedOut([DataFinding(severity: .error, site: SiteID("a"), element: nil, records: 0, message: "m")]),
    .initialised(ParameterLayout(entries: [.init(name: "w", shape: [2, 3], role: .buffer)])),
    .trained(TrainingSummary(exampleCount: 1, stepCount: 2, loss: 0.5, seconds: 0.25)),
    .exchange(frame), .middleOpened, .middleStepped(frame),
    .evaluated(
      SiteEvaluation(
        patientCount: 1, exampleCount: 2, loss: nil,
        metrics: [MetricEstimate(name: "dice", value: 0.1, patientCount: 1, replicates: [0.2])])),
    .panelsDrawn([Panel(file: "f.png", caption: "c")]),
    .summarised(
      SiteStatistics(
        own: PatientMeasurements(
          members: [1, .max],
          items: [
            .init(
              bins: 2, isOrdered: true, canLack: false, places: [0, -1],
              moments: Moments(count: 1, mean: 3, squares: 0), range: StatisticsRange(low: 0, high: 5))
          ]))), .inspected("{}"), .closed,
    .progress(TrainingProgress(step: 1, stepCount: 2, loss: 0.5, examplesPerSecond: 3)),
    .failed(WorkerFailure(code: "engine", message: "m")),
  ]

  @Test(arguments: requests) func everyRequestRoundTrips(_ request: WorkerRequest) throws {
    let message = WorkerMessage(id: 7, body: request)
    #expect(
      try JSONDecoder().decode(WorkerMessage<WorkerRequest>.self, from: JSONEncoder().encode(message))
        == message)
  }

  @Test(arguments: replies) func everyReplyRoundTrips(_ reply: WorkerReply) throws {
    let message = WorkerMessage(id: 7, body: reply)
    #expect(
      try JSONDecoder().decode(WorkerMessage<WorkerReply>.self, from: JSONEncoder().encode(message))
        == message)
  }

  @Test(
    arguments: [
      (3, "element 'age', 3 records: is above 120 (a.csv:4)"),
      (1, "element 'age', 1 record: is above 120 (a.csv:4)"),
      (0, "element 'age': is above 120 (a.csv:4)"),
      (nil, "element 'age', a few records: is above 120 (a.csv:4)"),
    ] as [(Int?, String)])
  func findingStatesElementCountAndPlace(records: Int?, text: String) {
    let finding = DataFinding(
      severity: .error, site: SiteID("a"), element: "age", records: records, message: "is above 120",
      places: ["a.csv:4"])
    #expect(finding.description == text)
  }

  @Test func aFindingOfTheWholeSiteHasNoElement() {
    let finding = DataFinding(
      severity: .error, site: SiteID("a"), element: nil, records: 0, message: "the site has no data")
    #expect(finding.description == "the site has no data")
  }

  /// The encoding on which workers in other languages depend. A change here needs a new version of the
  /// protocol.
  @Test func theFormIsAsDocumented() throws {
    let request = #"{"id": 7, "ask": "close", "session": "a"}"#
    let decoded = try JSONDecoder().decode(WorkerMessage<WorkerRequest>.self, from: Data(request.utf8))
    #expect(decoded == WorkerMessage(id: 7, body: .close(CloseSession(session: "a"))))
    let reply = #"{"id": 7, "reply": "failed", "value": {"code": "engine", "message": "m"}}"#
    #expect(
      try JSONDecoder().decode(WorkerMessage<WorkerReply>.self, from: Data(reply.utf8))
        == WorkerMessage(id: 7, body: .failed(WorkerFailure(code: "engine", message: "m"))))
  }
}
