/// Updates parameters from their gradients.
///
/// An optimizer owns its state, which starts empty; copies of an optimizer share it.
public protocol Optimizer {
  /// The parameters that the optimizer updates; clipping and corrections change their gradients before a
  /// step.
  var parameters: TensorList { get }

  /// Takes one step with the gradients that `backward` computed. Parameters without a gradient stay
  /// unchanged.
  func step(learningRate: Double) throws(TorchError)
}
