import FederatedCore
import StudyProtocol
import Torch

/// Takes optimizer steps on a network. Each round creates a new one, so that no optimizer state is carried
/// from round to round.
struct TrainingStep {
  private let network: Network
  private let update: ParameterUpdate
  private let gradientClip: Double?
  private let mode: Mode
  /// The middle of the model at a host; `nil` if the whole model is trained here.
  private let remote: RemoteMiddle?

  init(
    network: Network, study: Study, learningRate: Double, seed: UInt64, global: ModelParameters,
    corrections: Trainer.Corrections, remote: RemoteMiddle? = nil
  ) throws {
    self.network = network
    self.remote = remote
    gradientClip = study.training.gradientClip
    let dropoutSeed = RandomStream.seed(study: seed, purpose: .training)
    mode = .training(try Generator(seed: dropoutSeed, device: network.arithmetic.device))
    update = try ParameterUpdate(
      study, network.state, learningRate: learningRate, global: global, corrections
    ) { entry in remote.map { !$0.cut.middle.contains(entry.name) } ?? true }
  }

  /// Takes one step and returns the loss before it; `nil` if the batch has no loss, such as a survival batch
  /// without an event. Nothing is then learned from it.
  func take(_ batch: Batch) throws -> Double? {
    let logits = try during { try network.output(for: batch, mode, around: remote) }
    let device = network.arithmetic.device
    guard let loss = try network.criterion.trainingLoss(logits, batch.target, on: device) else { return nil }
    update.parameters.zeroGrad()
    try during { try loss.backward() }
    try update.correct()
    if let gradientClip { try clip(to: gradientClip) }
    try update.step()
    return try loss.item()
  }

  private func clip(to limit: Double) throws {
    let parameters = update.parameters
    guard let remote else {
      try parameters.clipGradNorm(to: limit)
      return
    }
    let scale = try remote.clipScale(parameters.gradNorms(), to: limit)
    if scale < 1 { try parameters.scaleGrad(by: scale) }
  }

  /// Runs a forward or backward pass, in which the middle may be at a host.
  private func during<Result>(_ pass: () throws -> Result) throws -> Result {
    guard let remote else { return try pass() }
    return try remote.during(pass)
  }
}
