/// Changes parameters by their gradients.
///
/// The state starts fresh with the optimizer and belongs to it; a copy of an optimizer shares it.
public protocol Optimizer {
  /// The parameters that it changes; clipping and corrections work on their gradients before a step.
  var parameters: TensorList { get }

  /// One step from the gradients that `backward` left. Parameters without a gradient stay.
  func step(learningRate: Double) throws(TorchError)
}
