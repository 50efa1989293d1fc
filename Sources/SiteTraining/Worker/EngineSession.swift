import FederatedCore
import Foundation
import ParameterFiles
import StudyProtocol
import Torch
import WorkerProtocol

/// One open data session: the study, the data of one or several sites, and the model on its device.
final class EngineSession {
  private let name: String
  private let request: OpenSession
  private let study: Study
  private let seed: UInt64
  private let data: SessionData
  private let network: Network
  let description: SessionDescription

  /// - Throws: ``ConsiliumError`` if the study or a site cannot be decoded or the model cannot be made.
  ///   Problems in the data are findings of the description, not errors.
  init(_ request: OpenSession, study: Study, data: SessionData, findings: [DataFinding], device: Device)
    throws
  {
    name = request.session
    self.request = request
    seed = request.seed
    self.study = study
    self.data = data
    let shape = data.source.exampleShape
    let arithmetic = Arithmetic(for: study, dimensions: shape.count - 1, on: device)
    let weights = try ClassWeighting.weights(for: study, data: data)
    network = try Network(
      module: try ModelRegistry.makeModel(
        study.model,
        for: ModelShape(
          inputs: shape[0], outputs: Criterion.outputCount(of: study), dimensions: shape.count - 1),
        generator: try Generator(seed: study.model.seed ?? Self.modelSeed(request.seed))),
      criterion: try Criterion(
        study.training, classCount: study.classCount, classWeights: weights,
        logitOffsets: try LogitAdjustment.offsets(for: study, data: data)
          ?? RestrictedSoftmax.offsets(for: study, data: data), device: device),
      arithmetic: arithmetic, batchSize: study.training.batchSize)
    description = SessionDescription(
      parts: data.description, findings: findings,
      precision: arithmetic.precision, memoryFormat: arithmetic.format.rawValue,
      unit: study.unit)
  }

  private static func modelSeed(_ seed: UInt64) -> UInt64 {
    RandomStream.seed(study: seed, purpose: .initialWeights)
  }

  func initialise(_ request: InitialiseModel) throws -> ParameterLayout {
    try ParameterFile.write(try network.export(), to: URL(fileURLWithPath: request.output), durability: .fast)
    return network.layout
  }

  /// The problems that prevent the model from training on the session's data.
  func tryOut(_ request: TryOut) throws -> [DataFinding] {
    try Trial(
      study: study, data: data, network: network, site: SiteID(name), seed: seed,
      minimumPatients: request.minimumPatients ?? 1
    ).findings()
  }

  /// - Parameter exchange: Sends a frame of a divided model to its host, and returns the host's reply.
  func train(
    _ request: TrainModel, report: (TrainingProgress) -> Void,
    exchange: @escaping (FrameHeader) throws -> FrameHeader
  ) throws -> TrainingSummary {
    let global = try model(request.global)
    let offset = try request.gradientOffset.map(model)
    let remote = try request.split.map { try middle($0, of: request, global, exchange) }
    try remote?.open(exampleShape: data.source.exampleShape, offset: offset)
    let trainer = Trainer(study: study, data: data, network: network, session: name)
    let summary = try trainer.train(
      from: global, amount: request.amount, learningRate: request.learningRate, seed: request.seed,
      round: request.round,
      corrections: .init(
        proximalStrength: request.proximalStrength, offset: offset),
      minimumPatients: request.minimumPatients ?? 1, remote: remote, report: report)
    var delta = try network.export()
    delta.add(global, scaledBy: -1)
    if let remote { try remote.cut.replaceMiddle(of: &delta, by: remote.finish()) }
    try ParameterFile.write(delta, to: URL(fileURLWithPath: request.output), durability: .fast)
    return summary
  }

  /// The middle of the model at a host, whose frames are in the files of the request.
  private func middle(
    _ split: SplitTraining, of request: TrainModel, _ global: ModelParameters,
    _ exchange: @escaping (FrameHeader) throws -> FrameHeader
  ) throws -> RemoteMiddle {
    let (outgoing, incoming) = (try FrameFile(split.outgoing), try FrameFile(split.incoming))
    let cut = try ModelCut(split.cut, of: network, study: study)
    var check: HostCheck?
    if split.checksHost {
      let own = MiddleSession(
        study: study, cut: split.cut, global: global, learningRate: request.learningRate,
        proximalStrength: request.proximalStrength, device: network.arithmetic.device)
      let steps = request.amount.steps(
        examples: data.examples(in: .training).count, batchSize: study.training.batchSize)
      check = HostCheck(steps: Int.random(in: 1...max(1, steps)), own: own)
    }
    return RemoteMiddle(cut, arithmetic: network.arithmetic, check: check) {
      try incoming.read(exchange(outgoing.write($0)))
    }
  }

  func evaluate(_ request: EvaluateModel) throws -> SiteEvaluation {
    let own = try model(request.model)
    try network.load(own)
    let ensemble = try request.ensemble.map { others in
      Ensemble(models: [own] + (try others.models.map(model)), fusion: others.fusion)
    }
    let resampling = RandomStream.seed(study: seed, purpose: .bootstrap, site: SiteID(name))
    return try PartEvaluator(
      study: study, data: data, network: network, numbering: numbering, ensemble: ensemble
    ).evaluate(request.part, replicates: request.replicates, seed: resampling)
  }

  /// The measurements of the session's patients that answer a question of federated statistics.
  func summarise(_ question: SummariseData) throws -> SiteStatistics {
    let counted = data.counted(minimum: question.minimum)
    let measurer = try PatientMeasurer(study: study, session: request, members: counted.members)
    var own = try measurer.answer(question.question, minimum: question.minimum)
    own.parts = counted.parts
    return SiteStatistics(own: own)
  }

  /// The sizes of the model, the time of a training step, and what crosses each cut.
  func sizes() throws -> ModelSizes {
    try ModelMeasurer(study: study, data: data, network: network).sizes()
  }

  private var numbering: UInt64 {
    RandomStream.seed(study: seed, purpose: .numbering, site: SiteID(name))
  }

  func drawPanels(_ request: DrawPanels) throws -> [Panel] {
    try network.load(try model(request.model))
    let choice = RandomStream.seed(study: seed, purpose: .split, site: SiteID(name), item: request.count)
    return try PanelPainter(study: study, data: data, network: network, numbering: numbering)
      .paint(
        request.count, worst: request.worst ?? [], seed: choice,
        into: URL(fileURLWithPath: request.directory))
  }

  private func model(_ path: String) throws -> ModelParameters {
    try ParameterFile.readModel(from: URL(fileURLWithPath: path), layout: network.layout)
  }
}
