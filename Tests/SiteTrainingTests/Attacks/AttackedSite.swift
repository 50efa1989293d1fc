import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import StudyProtocol
import Torch

@testable import SiteTraining

/// An honest site with one image per patient, under a release gate, that answers whatever it is asked.
///
/// The engine runs in this process. Session, stages and gate are those of a site's agent.
struct AttackedSite {
  enum Model: String, CaseIterable { case cnn, unet }

  static let name = SiteID("north")
  let trainer: EngineTrainer
  private let settings: FederationSettings
  private let gate: ReleaseGate

  /// - Parameters:
  ///   - training: The study's training, as in a study file, without loss and optimizer.
  ///   - gate: `nil` for the gate of the default policy.
  init(
    _ model: Model, patients: Int = 24, training: String, rounds: Int = 40, gate: ReleaseGate? = nil
  ) throws {
    let study = try Self.study(model, training: training, rounds: rounds)
    trainer = EngineTrainer(study: study, data: Self.data(model, patients: patients))
    settings = FederationSettings(
      arm: "fedavg", rounds: rounds, amount: study.training.amount, learningRate: { _ in 0.1 },
      seed: study.header.seed)
    self.gate = gate ?? ReleaseGate(SitePolicy(), for: study)
  }

  var study: Study { trainer.study }
  var patients: [SessionData.Patient] { trainer.data.patients }

  /// The site's answer to the coordinator's question to train.
  ///
  /// - Throws: ``ConsiliumError``: the site's refusal.
  func train(from model: ModelParameters, round: Int) async throws -> SiteUpdate<ModelParameters> {
    let question = Assignment(
      id: .init(round: round, stage: 0), message: .train(from: model, learningRate: 0.1))
    let line = OneQuestion(question)
    let session = SiteSession(
      site: Self.name,
      stages: StageRegistry([
        TrainingStage(FedAvg(), settings: settings), EvaluationStage(.validation(settings)),
      ]), trainer: trainer, gate: gate)
    try await session.serve(over: line)
    switch await line.answer {
    case .message(let released)?:
      return try SiteUpdate<ModelParameters>(released.content, site: Self.name, round: round)
    case .failure(let released)?: throw released.content
    case nil: throw ConsiliumError(.unavailable, "the site did not answer")
    }
  }

  /// The update of a single patient, as a coordinator computes it for an image that it suspects at the site.
  func update(of patient: Int, from model: ModelParameters) throws -> [Float] {
    var alone = trainer
    alone.data = SessionData(source: trainer.data.source, patients: [patients[patient]])
    return try alone.delta(from: model, .steps(1))
  }

  // MARK: Study and data

  private static func study(_ model: Model, training: String, rounds: Int) throws -> Study {
    let isMask = model == .unet
    let target =
      isMask
      ? "{name: y, kind: mask, role: target, dimensions: 2, values: {0: background, 1: lesion}}"
      : "{name: y, kind: category, role: target, values: {0: absent, 1: present}}"
    let architecture =
      isMask
      ? "{architecture: unet, channels: [4, 8], residual-units: 1, norm: instance}"
      : "{architecture: cnn, channels: [4, 8], norm: group}"
    return try Study(
      yaml: """
        study: {name: attacked, version: 1, title: An attacked site, task: \(isMask ? "segmentation" : "classification"), seed: 5}
        elements:
          - {name: image, kind: image, role: input, modality: MR, dimensions: 2, channels: 1}
          - \(target)
          - {name: patient, kind: identifier, role: group}
        preprocessing: []
        model: \(architecture)
        training: {loss: \(isMask ? "dice-ce" : "cross-entropy"), optimizer: {name: sgd, learning-rate: 0.1}, \(training)}
        federation: {workflow: fedavg, rounds: \(rounds)}
        evaluation: {metrics: [\(isMask ? "dice" : "auc, accuracy")], split: {test: 0.2, validation: 0.2}}

        """)
  }

  private static func data(_ model: Model, patients count: Int) -> SessionData {
    var random = RandomStream(seed: 17)
    let (side, images): (Int, [[Float]]) = (
      16,
      (0..<count).map { patient in
        (0..<256).map { _ in Float(random.nextUnit()) * Float(1 + patient % 2) - 0.5 }
      }
    )
    let patients = (0..<count).map {
      SessionData.Patient(
        site: name, part: .training, records: [$0..<($0 + 1)], hash: UInt64(1000 + $0))
    }
    let source: any ExampleSource =
      model == .unet
      ? ImagesInMemory(
        exampleShape: [1, side, side], images: images,
        masks: images.map { $0.map { $0 > 0.3 ? 1 : 0 } })
      : ClassifiedImages(
        exampleShape: [1, side, side], images: images, labels: (0..<count).map { Int64($0 % 2) })
    return SessionData(source: source, patients: patients)
  }
}

/// The engine of a site, in this process.
struct EngineTrainer: LocalTrainer {
  let study: Study
  var data: SessionData

  func initialModel() throws -> ModelParameters { try network().export() }

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let (network, summary) = try run(global, instruction.amount, instruction)
    var delta = try network.export()
    delta.add(global, scaledBy: -1)
    return LocalResult(delta: delta, summary: summary)
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    let network = try network()
    try network.load(model)
    return try PartEvaluator(study: study, data: data, network: network)
      .evaluate(part, replicates: 0, seed: 1)
  }

  func delta(from global: ModelParameters, _ amount: TrainingInstruction.Amount) throws -> [Float] {
    let (network, _) = try run(global, amount, nil)
    var delta = try network.export()
    delta.add(global, scaledBy: -1)
    return delta.values
  }

  private func run(
    _ global: ModelParameters, _ amount: TrainingInstruction.Amount, _ instruction: TrainingInstruction?
  ) throws -> (Network, TrainingSummary) {
    let network = try network()
    let summary = try Trainer(study: study, data: data, network: network, session: "north").train(
      from: global, amount: amount, learningRate: 0.1, seed: instruction?.seed ?? 1,
      round: instruction?.round ?? 1, corrections: .init()
    ) { _ in }
    return (network, summary)
  }

  func network() throws -> Network {
    let shape = data.source.exampleShape
    let dimensions = shape.count - 1
    let model = try ModelRegistry.makeModel(
      study.model,
      for: ModelShape(
        inputs: shape[0], outputs: Criterion.outputCount(of: study), dimensions: dimensions),
      generator: Generator(seed: 3))
    return try Network(
      module: model,
      criterion: try Criterion(
        study.training, classCount: study.classCount, classWeights: nil, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: dimensions, on: .cpu),
      batchSize: study.training.batchSize)
  }
}

/// Images and their classes in memory.
struct ClassifiedImages: ExampleSource {
  let exampleShape: [Int]
  let images: [[Float]]
  let labels: [Int64]

  var exampleCount: Int { images.count }

  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) -> Batch {
    Batch(
      inputs: indices.flatMap { images[$0] }, shape: [indices.count] + exampleShape,
      target: .classes(indices.map { labels[$0] }))
  }

  func grid(of record: Range<Int>) -> VoxelGrid { VoxelGrid(shape: exampleShape, spacing: [1, 1]) }

  func classCounts(of indices: [Int], classCount: Int) -> [Int] {
    (0..<classCount).map { label in indices.count { Int(labels[$0]) == label } }
  }
}

/// A connection on which a coordinator asks one question.
private actor OneQuestion: SiteTransport {
  private var question: Assignment?
  private(set) var answer: StageAnswer?

  init(_ question: Assignment) { self.question = question }

  func nextAssignment(for site: SiteID) -> Assignment? {
    defer { question = nil }
    return question
  }

  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) { self.answer = answer }
}
