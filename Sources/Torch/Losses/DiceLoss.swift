/// One minus the soft Dice overlap, averaged over examples and classes (Milletari et al. 2016; MONAI's
/// `DiceLoss`).
///
/// Output: [n, classes, ...] scores. With softmax the target is [n, ...] class indices, int64; with sigmoid
/// it has the shape of the output and holds 0 and 1.
public struct DiceLoss: Loss {
  public enum Activation: String, Sendable { case softmax, sigmoid }

  private let activation: Activation
  private let includesBackground: Bool
  private let poolsBatch: Bool
  private let classWeights: Tensor?
  private let smoothing: Double

  /// - Parameters:
  ///   - includesBackground: whether the loss includes class 0. A single channel is always included.
  ///   - poolsBatch: whether overlaps are first summed over the batch, which makes the loss of small lesions
  ///     less variable.
  ///   - classWeights: the factor for each class's loss before the mean, including the background.
  ///   - smoothing: the number added to the numerator and the denominator of the overlap.
  public init(
    _ activation: Activation = .softmax, includesBackground: Bool = true, poolsBatch: Bool = false,
    classWeights: Tensor? = nil, smoothing: Double = 1e-5
  ) {
    self.activation = activation
    self.includesBackground = includesBackground
    self.poolsBatch = poolsBatch
    self.classWeights = classWeights
    self.smoothing = smoothing
  }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    var (probabilities, truth) = try prepare(output.to(.float32), target)
    let classes = probabilities.size(1)
    var weights = classes > 1 ? classWeights : nil
    if !includesBackground, classes > 1 {
      probabilities = try probabilities.narrow(1, 1..<classes)
      truth = try truth.narrow(1, 1..<classes)
      weights = try weights?.narrow(0, 1..<classes)
    }
    let axes = (poolsBatch ? [0] : []) + Array(2..<probabilities.rank)
    let overlap = try (probabilities * truth).summed(axes)
    let total = try probabilities.summed(axes) + truth.summed(axes)
    let loss = try 1 - (2 * overlap + smoothing) / (total + smoothing)
    guard let weights else { return try loss.mean() }
    return try (loss * weights).mean()
  }

  private func prepare(_ scores: Tensor, _ target: Tensor) throws(TorchError) -> (Tensor, Tensor) {
    switch activation {
    case .sigmoid:
      try requireShape(target, scores.shape)
      return (try scores.sigmoid(), try target.to(.float32))
    case .softmax:
      let shape = scores.shape
      try requireShape(target, [shape[0]] + shape[2...])
      return (try scores.softmax(1), try target.oneHot(classes: shape[1]))
    }
  }
}

extension Tensor {
  /// The sum over these axes, or the tensor itself if the list is empty. (``sum(_:keepingAxes:)`` with an
  /// empty list sums over all axes.)
  fileprivate func summed(_ axes: [Int]) throws(TorchError) -> Tensor { axes.isEmpty ? self : try sum(axes) }
}
