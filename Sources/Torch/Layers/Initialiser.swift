/// The distribution of a layer's initial weights (names as in `torch.nn.init`).
public enum Initialiser: Sendable, Hashable {
  /// PyTorch's default for linear and convolution layers: uniform within ±1/√fan-in (Kaiming with a = √5).
  case pytorchDefault
  /// A normal distribution with variance 2/fan-out (He et al. 2015), as in torchvision's ResNet.
  case kaimingNormalFanOut
  /// A normal distribution with variance 2/fan-in, as in torchvision's DenseNet.
  case kaimingNormal
  case normal(deviation: Double)
  case zeros

  /// A parameter of this shape, drawn with the generator.
  func makeWeight(_ shape: [Int], _ generator: Generator) throws(TorchError) -> Tensor {
    let window = shape.dropFirst(2).reduce(1, *)
    let weight =
      switch self {
      case .pytorchDefault: try Self.uniform(shape, bound: Self.bound(fanIn: shape[1] * window), generator)
      case .kaimingNormalFanOut: try Self.heNormal(shape, fan: shape[0] * window, generator)
      case .kaimingNormal: try Self.heNormal(shape, fan: shape[1] * window, generator)
      case .normal(let deviation): try Tensor.normal(shape, deviation: deviation, generator: generator)
      case .zeros: try Tensor.zeros(shape)
      }
    try weight.setRequiresGrad()
    return weight
  }

  /// PyTorch's default bias: uniform within ±1/√fan-in of the layer's weight.
  static func makeBias(_ count: Int, weight: Tensor, _ generator: Generator) throws(TorchError) -> Tensor {
    let bias = try uniform(
      [count], bound: bound(fanIn: weight.count / Swift.max(weight.size(0), 1)), generator)
    try bias.setRequiresGrad()
    return bias
  }

  /// A parameter filled with one value.
  static func constant(_ value: Double, count: Int) throws(TorchError) -> Tensor {
    let tensor = try Tensor(repeating: value, shape: [count])
    try tensor.setRequiresGrad()
    return tensor
  }

  private static func bound(fanIn: Int) -> Double { fanIn > 0 ? 1 / Double(fanIn).squareRoot() : 0 }

  private static func uniform(_ shape: [Int], bound: Double, _ generator: Generator) throws(TorchError)
    -> Tensor
  {
    try Tensor.uniform(shape, low: -bound, high: bound, generator: generator)
  }

  private static func heNormal(_ shape: [Int], fan: Int, _ generator: Generator) throws(TorchError) -> Tensor
  {
    try Tensor.normal(shape, deviation: (2 / Double(fan)).squareRoot(), generator: generator)
  }
}
