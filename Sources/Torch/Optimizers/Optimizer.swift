/// Updates parameters from their gradients.
///
/// An optimizer owns its state, which starts empty. All copies of an optimizer share this state.
public protocol Optimizer {
  /// The parameters that the optimizer updates. Clipping and corrections change the gradients of these
  /// parameters before a step.
  var parameters: TensorList { get }

  /// Takes one step with the gradients that `backward` computed. Parameters without a gradient stay
  /// unchanged.
  func step(learningRate: Double) throws(TorchError)
}
