/// Cross-entropy with less weight on elements that are already classified well, averaged over all elements
/// (Lin et al. 2017; MONAI's `FocalLoss`).
///
/// With softmax, the mean is over examples, classes and voxels, as in MONAI. Therefore it is smaller than
/// cross-entropy, which is not averaged over classes. Output and target as for ``DiceLoss``.
public struct FocalLoss: Loss {
  private let activation: DiceLoss.Activation
  private let gamma: Double
  private let alpha: Double?

  /// - Parameters:
  ///   - gamma: the degree to which well-classified elements lose weight; 0 for none.
  ///   - alpha: with sigmoid, the weight of the positives; the negatives weigh 1 − alpha. With softmax, the
  ///     weight of every class except the background, which weighs 1 − alpha. `nil` weights all equally.
  public init(_ activation: DiceLoss.Activation = .softmax, gamma: Double = 2, alpha: Double? = nil) {
    self.activation = activation
    self.gamma = gamma
    self.alpha = alpha
  }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    let scores = try output.to(.float32)
    let loss =
      switch activation {
      case .softmax: try softmaxLoss(scores, target)
      case .sigmoid: try sigmoidLoss(scores, target)
      }
    return try loss.mean()
  }

  /// The loss of each element with softmax: −(1 − p)^γ log p at the true class, and zero elsewhere.
  private func softmaxLoss(_ scores: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    let shape = scores.shape
    try requireShape(target, [shape[0]] + shape[2...])
    let logarithms = try scores.logSoftmax(1)
    let truth = try target.oneHot(classes: shape[1])
    let loss = try -((1 - logarithms.exp()).power(gamma) * logarithms * truth)
    guard let alpha else { return loss }
    let factors = [1 - Float(alpha)] + Array(repeating: Float(alpha), count: shape[1] - 1)
    let axes = [1, shape[1]] + Array(repeating: 1, count: scores.rank - 2)
    return try loss * Tensor(factors, shape: axes).to(scores.device)
  }

  /// The loss of each element with sigmoid: binary cross-entropy times (1 − p)^γ, where p is the probability
  /// of the truth. Computed without overflow.
  private func sigmoidLoss(_ scores: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    try requireShape(target, scores.shape)
    let truth = try target.to(.float32)
    let crossEntropy = try scores - scores * truth - scores.logSigmoid()
    let logComplement = try (scores * (1 - 2 * truth)).logSigmoid()
    let loss = try (logComplement * gamma).exp() * crossEntropy
    guard let alpha else { return loss }
    return try (truth * alpha + (1 - truth) * (1 - alpha)) * loss
  }
}
