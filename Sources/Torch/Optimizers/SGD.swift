import CTorch

/// Stochastic gradient descent with optional momentum (as `torch.optim.SGD`, without dampening).
public struct SGD: Optimizer {
  public let parameters: TensorList
  private let momenta: TensorList?
  private let momentum: Double
  private let weightDecay: Double
  private let nesterov: Bool

  /// - Throws: ``TorchError`` with code `.invalidArgument` if `nesterov` is set without momentum.
  public init(
    _ parameters: TensorList, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0
  ) throws(TorchError) {
    guard !nesterov || momentum > 0 else {
      throw TorchError(.invalidArgument, "Nesterov's method needs a momentum above 0")
    }
    self.parameters = parameters
    momenta = momentum == 0 ? nil : try parameters.zerosLike()
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  public func step(learningRate: Double) throws(TorchError) {
    try check {
      ct_sgd_step(parameters.handle, momenta?.handle, learningRate, momentum, weightDecay, nesterov, $0)
    }
  }
}
