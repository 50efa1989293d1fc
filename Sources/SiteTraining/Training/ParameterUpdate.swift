import FederatedCore
import StudyProtocol
import Torch

/// Changes the parameters of a model, or of one half of a divided model, by their gradients: the corrections of
/// the workflow, and the study's optimizer.
struct ParameterUpdate {
  private let optimizer: any Optimizer
  private let learningRate: Double
  private let proximal: (strength: Double, anchor: TensorList)?
  private let offset: TensorList?

  /// - Parameters:
  ///   - global: The whole model from which training starts.
  ///   - isIncluded: Whether an entry belongs to the half that is trained here.
  init(
    _ study: Study, _ state: FlatState, learningRate: Double, global: ModelParameters,
    _ corrections: Trainer.Corrections, where isIncluded: (StateEntry) -> Bool = { _ in true }
  ) throws {
    self.learningRate = learningRate
    func copies(of whole: ModelParameters) throws -> TensorList {
      try whole.buffer.withUnsafeValues { try state.trainableCopies(from: $0, where: isIncluded) }
    }
    optimizer = try Self.optimizer(study.training.optimizer, state.trainable(where: isIncluded))
    proximal =
      corrections.proximalStrength == 0 ? nil : (corrections.proximalStrength, try copies(of: global))
    offset = try corrections.offset.map(copies)
  }

  var parameters: TensorList { optimizer.parameters }

  /// Adds the workflow's corrections to the gradients. Called once after each backward pass.
  func correct() throws {
    if let offset { try parameters.addToGrad(offset) }
    if let proximal { try parameters.addProximalTerm(to: proximal.anchor, strength: proximal.strength) }
  }

  func step() throws { try optimizer.step(learningRate: learningRate) }

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
