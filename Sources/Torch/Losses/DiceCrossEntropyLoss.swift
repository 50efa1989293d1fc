/// Dice loss plus cross-entropy (MONAI's `DiceCELoss`): Dice rewards overlap, cross-entropy keeps the
/// gradients steady.
///
/// With sigmoid, the second term is binary cross-entropy. Output and target as for ``DiceLoss``.
public struct DiceCrossEntropyLoss: Loss {
  private let dice: DiceLoss
  private let crossEntropy: any Loss
  private let weights: (dice: Double, crossEntropy: Double)

  /// - Parameter classWeights: the weight of each class, in both terms. In the binary cross-entropy, only the
  ///   positives are weighted.
  public init(
    _ activation: DiceLoss.Activation = .softmax, includesBackground: Bool = true, poolsBatch: Bool = false,
    classWeights: Tensor? = nil, diceWeight: Double = 1, crossEntropyWeight: Double = 1
  ) {
    dice = DiceLoss(
      activation, includesBackground: includesBackground, poolsBatch: poolsBatch,
      classWeights: activation == .softmax ? classWeights : nil)
    crossEntropy =
      switch activation {
      case .softmax: CrossEntropyLoss(classWeights: classWeights)
      case .sigmoid: BinaryCrossEntropyLoss(positiveWeight: classWeights)
      }
    weights = (diceWeight, crossEntropyWeight)
  }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    try dice(output, target) * weights.dice + crossEntropy(output, target) * weights.crossEntropy
  }
}
