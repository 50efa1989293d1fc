import CTorch

/// Adam (Kingma and Ba 2015) and AdamW, its variant with decoupled weight decay (Loshchilov and Hutter 2019).
public struct Adam: Optimizer {
  public enum WeightDecay: Sendable, Hashable {
    /// A decay that is added to the gradients, as in `torch.optim.Adam`.
    case coupled(Double)
    /// A decay that shrinks the parameters themselves, as in `torch.optim.AdamW`.
    case decoupled(Double)
  }

  public let parameters: TensorList
  private let means: TensorList
  private let squares: TensorList
  private let steps: TensorList
  private let betas: (Double, Double)
  private let epsilon: Double
  private let weightDecay: WeightDecay

  public init(
    _ parameters: TensorList, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: WeightDecay = .coupled(0)
  ) throws(TorchError) {
    self.parameters = parameters
    means = try parameters.zerosLike()
    squares = try parameters.zerosLike()
    steps = try parameters.counters()
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public func step(learningRate: Double) throws(TorchError) {
    let (decay, decoupled) =
      switch weightDecay {
      case .coupled(let decay): (decay, false)
      case .decoupled(let decay): (decay, true)
      }
    try check {
      ct_adam_step(
        parameters.handle, means.handle, squares.handle, steps.handle, learningRate, betas.0, betas.1,
        epsilon, decay, decoupled, $0)
    }
  }
}
