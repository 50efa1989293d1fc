import FederatedCore
import StudyProtocol
import Torch

/// Takes optimizer steps on a network. Each round creates a new one, so that no optimizer state is carried
/// from round to round.
struct TrainingStep {
  private let network: Network
  private let optimizer: any Optimizer
  private let learningRate: Double
  private let gradientClip: Double?
  private let mode: Mode
  private let proximal: (strength: Double, anchor: TensorList)?
  private let offset: TensorList?

  init(
    network: Network, study: Study, learningRate: Double, seed: UInt64, global: ModelParameters,
    corrections: Trainer.Corrections
  ) throws {
    self.network = network
    self.learningRate = learningRate
    gradientClip = study.training.gradientClip
    let dropoutSeed = RandomStream.seed(study: seed, purpose: .training)
    mode = .training(try Generator(seed: dropoutSeed, device: network.arithmetic.device))
    optimizer = try Self.optimizer(study.training.optimizer, network.state.trainable())
    let state = network.state
    proximal =
      corrections.proximalStrength == 0
      ? nil
      : (
        corrections.proximalStrength,
        try global.buffer.withUnsafeValues { try state.trainableCopies(from: $0) }
      )
    offset = try corrections.offset?.buffer.withUnsafeValues { try state.trainableCopies(from: $0) }
  }

  /// Takes one step and returns the loss before it; `nil` if the batch has no loss, such as a survival batch
  /// without an event. Nothing is then learned from it.
  func take(_ batch: Batch) throws -> Double? {
    let logits = try network.output(for: batch, mode)
    let device = network.arithmetic.device
    guard let loss = try network.criterion.trainingLoss(logits, batch.target, on: device) else { return nil }
    let parameters = optimizer.parameters
    parameters.zeroGrad()
    try loss.backward()
    if let offset { try parameters.addToGrad(offset) }
    if let proximal { try parameters.addProximalTerm(to: proximal.anchor, strength: proximal.strength) }
    if let gradientClip { try parameters.clipGradNorm(to: gradientClip) }
    try optimizer.step(learningRate: learningRate)
    return try loss.item()
  }

  private static func optimizer(_ settings: Study.Optimizer, _ parameters: TensorList) throws -> any Optimizer
  {
    let betas = (settings.betas[0], settings.betas[1])
    switch settings.name {
    case .sgd:
      return try SGD(
        parameters, momentum: settings.momentum, nesterov: settings.nesterov,
        weightDecay: settings.weightDecay)
    case .adam: return try Adam(parameters, betas: betas, weightDecay: .coupled(settings.weightDecay))
    case .adamw: return try Adam(parameters, betas: betas, weightDecay: .decoupled(settings.weightDecay))
    }
  }
}
