import FederatedCore
import ParameterFiles
import StudyProtocol
import Torch

/// The host's end of a turn of split learning: computes the middle of a model on the site's activations, and
/// takes optimizer steps on it as whole training would.
final class MiddleSession {
  private let study: Study
  private let device: Device
  private let cutName: String
  private let global: ModelParameters
  private let learningRate: Double
  private let proximalStrength: Double
  private var work: Work?

  /// The state of an open turn.
  private struct Work {
    let network: Network
    let cut: ModelCut
    let update: ParameterUpdate
    let mode: Mode
    /// The last forward pass; `nil` after its backward pass.
    var pass: (input: Tensor, output: Tensor)?
    /// Whether gradients wait for the optimizer step.
    var hasGradients = false
  }

  /// - Parameter global: The whole global model from which the turn starts.
  init(
    study: Study, cut: String, global: ModelParameters, learningRate: Double, proximalStrength: Double,
    device: Device
  ) {
    self.study = study
    self.device = device
    cutName = cut
    self.global = global
    self.learningRate = learningRate
    self.proximalStrength = proximalStrength
  }

  /// Answers the site's next frame.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the site sent an impossible frame; other errors
  ///   are failures of the host.
  func reply(to frame: StageMessage) throws -> StageMessage {
    switch frame.kind {
    case .open: return try open(frame)
    case .down: return try forward(frame)
    case .upGradient: return try backward(frame)
    case .finish: return try finish(frame)
    default: throw Self.fault("it sent a frame of the kind '\(frame.kind)'")
    }
  }

  /// Does the work that the last reply did not need. Called after the reply was sent.
  func workAfterReply() throws {
    // With clipping, the step waits for the site's factor.
    if study.training.gradientClip == nil { try takeStep(clipScale: nil) }
  }

  private func open(_ frame: StageMessage) throws -> StageMessage {
    let (inputs, dimensions) = (try frame.require(.inputs), try frame.require(.dimensions))
    guard (1...1 << 20).contains(inputs), (0...3).contains(dimensions) else {
      throw Self.fault("it described examples that no model takes")
    }
    let arithmetic = Arithmetic(for: study, dimensions: dimensions, on: device)
    guard try frame.require(.precision) == arithmetic.precision else {
      throw Self.fault(
        "it computes in another precision than the host (\(arithmetic.precision)); set training.precision to fp32 or bf16"
      )
    }
    let network = try Network(
      module: try ModelRegistry.makeModel(
        study.model,
        for: ModelShape(
          inputs: inputs, outputs: Criterion.outputCount(of: study), dimensions: dimensions),
        generator: try Generator(seed: 0)),
      criterion: try Criterion(
        study.training, classCount: study.classCount, classWeights: nil, device: device),
      arithmetic: arithmetic, batchSize: study.training.batchSize)
    guard network.layout == global.layout else {
      throw Self.fault("its examples need a model of another layout than the study's")
    }
    try network.load(global)
    let cut = try ModelCut(cutName, of: network, study: study)
    var corrections = Trainer.Corrections(proximalStrength: proximalStrength)
    if let offset = frame.f32(SplitTensor.offset) {
      var whole = ModelParameters.zeros(network.layout)
      try cut.replaceMiddle(of: &whole, by: offset)
      corrections.offset = whole
    }
    let update = try ParameterUpdate(
      study, network.state, learningRate: learningRate, global: global, corrections
    ) { cut.middle.contains($0.name) }
    work = Work(
      network: network, cut: cut, update: update, mode: .training(try Generator(seed: 0, device: device)))
    return StageMessage(.opened)
  }

  private func forward(_ frame: StageMessage) throws -> StageMessage {
    try takeStep(clipScale: frame[.clipScale])
    let work = try opened()
    let input = try frame.tensor(on: device)
    try input.setRequiresGrad()
    let output = try Self.blamingSite {
      // The view keeps autocast from converting the activations once for all layers that take them: in a whole
      // model, each layer converts its own input, and the gradients are added in single precision.
      try autocast(to: work.network.arithmetic.trainingType, on: device) { () throws(TorchError) in
        try work.cut.middle.run(input.expand(input.shape), work.mode)
      }
    }
    self.work?.pass = (input, output)
    return try StageMessage(.up, carrying: output.detach())
  }

  private func backward(_ frame: StageMessage) throws -> StageMessage {
    let work = try opened()
    guard let pass = work.pass else { throw Self.fault("it sent a gradient without activations") }
    self.work?.pass = nil
    let gradient = try frame.tensor(on: device)
    guard gradient.shape == pass.output.shape, gradient.dtype == pass.output.dtype else {
      throw Self.fault("it sent a gradient of another shape or type than the activations that it received")
    }
    work.update.parameters.zeroGrad()
    try pass.output.backward(gradient)
    guard let result = try pass.input.grad else {
      throw ConsiliumError(.engine, "the middle of the model has no gradient")
    }
    try work.update.correct()
    self.work?.hasGradients = true
    var reply = try StageMessage(.downGradient, carrying: result)
    if study.training.gradientClip != nil {
      reply.tensors[SplitTensor.norms] = .f32(VectorBuffer(try work.update.parameters.gradNorms()))
    }
    return reply
  }

  private func finish(_ frame: StageMessage) throws -> StageMessage {
    try takeStep(clipScale: frame[.clipScale])
    let work = try opened()
    self.work = nil
    var delta = try work.network.export()
    delta.add(global, scaledBy: -1)
    return StageMessage(.delta, tensors: [SplitTensor.delta: .f32(work.cut.middleValues(of: delta))])
  }

  private func takeStep(clipScale: Double?) throws {
    guard let work, work.hasGradients else { return }
    if study.training.gradientClip != nil {
      guard let clipScale, (0...1).contains(clipScale) else {
        throw Self.fault("it did not send the factor of gradient clipping")
      }
      if clipScale < 1 { try work.update.parameters.scaleGrad(by: clipScale) }
    }
    try work.update.step()
    self.work?.hasGradients = false
  }

  private func opened() throws -> Work {
    guard let work else { throw Self.fault("it did not begin its turn") }
    return work
  }

  /// Runs a pass on the site's tensor. If the tensor does not fit the layers, the site is to blame.
  private static func blamingSite<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as TorchError where error.code == .invalidArgument {
      throw fault("its activations do not fit the middle of the model: \(error.firstLine)")
    }
  }

  private static func fault(_ what: String) -> ConsiliumError {
    ConsiliumError(.invalidUpdate, "a site's part in split learning cannot be used: \(what)")
  }
}
