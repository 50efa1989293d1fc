import StudyProtocol
import Torch

/// A densely connected network of 121 layers for 2-D images (Huang et al. 2017), with torchvision's layers
/// and names.
///
/// [examples, channels, height, width] → [examples, outputs].
public struct DenseNet121: StagedModel {
  private static let growth = 32
  private static let layersPerBlock = [6, 12, 24, 16]

  private let features: Sequential
  let head: Linear

  init(_ settings: Study.Model, _ shape: ModelShape, _ generator: Generator) throws(TorchError) {
    // All widths are 64 or multiples of the growth, so every group normalisation can have 32 groups.
    let makeNorm = NormLayer(settings.norm, atMost: 32, dividing: [64, Self.growth])
    var width = 64
    var parts: [(name: String, module: any Module)] = [
      ("conv0", try Self.convolution(shape.inputs, width, kernel: 7, stride: 2, generator)),
      ("norm0", try makeNorm(width)), ("relu0", ReLU()), ("pool0", MaxPool(kernel: 3, stride: 2, padding: 1)),
    ]
    for (index, count) in Self.layersPerBlock.enumerated() {
      let number = index + 1
      let block = try DenseBlock(
        layers: count, from: width, growth: Self.growth, dropout: settings.dropout, makeNorm, generator)
      parts.append(("denseblock\(number)", block))
      width += count * Self.growth
      if number < Self.layersPerBlock.count {
        parts.append(("transition\(number)", try Self.transition(from: width, makeNorm, generator)))
        width /= 2
      }
    }
    parts.append(("norm5", try makeNorm(width)))
    features = Sequential(named: Children(parts))
    head = try Linear(from: width, to: shape.outputs, generator: generator)
    try head.bias?.copy(from: Tensor.zeros([shape.outputs]))
  }

  public var children: Children { ["features": features, "classifier": head] }

  /// The parts of `features`, grouped by the cuts: each stage ends with a pooling.
  var stages: [ModelStage] {
    var stages: [ModelStage] = []
    var parts: [(name: String, module: any Module)] = []
    for part in features.children.modules {
      parts.append(part)
      let isLast = part.name == "norm5"
      guard isLast || part.name == "pool0" || part.name.hasPrefix("transition") else { continue }
      let prefixes = parts.map { "features.\($0.name)." }
      let modules = Sequential(parts.map(\.module))
      stages.append(
        ModelStage(part.name, prefixes) { input, mode throws(TorchError) in
          let output = try modules(input, mode)
          return isLast ? try output.relu().adaptiveAveragePool(size: 1).flatten(from: 1) : output
        })
      parts = []
    }
    return stages
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try whole(input, mode)
  }

  /// Creates a transition layer, which halves the number of channels and the length of each side.
  private static func transition(
    from width: Int, _ makeNorm: NormLayer, _ generator: Generator
  ) throws(TorchError) -> Sequential {
    Sequential(
      named: [
        "norm": try makeNorm(width), "relu": ReLU(),
        "conv": try convolution(width, width / 2, kernel: 1, generator), "pool": AveragePool(kernel: 2),
      ])
  }

  fileprivate static func convolution(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, _ generator: Generator
  ) throws(TorchError) -> Convolution {
    try Convolution(
      dimensions: 2, from: inputs, to: outputs, kernel: kernel, stride: stride, padding: kernel / 2,
      bias: false, initialiser: .kaimingNormal, generator: generator)
  }
}

/// A block of layers. Each layer receives the outputs of all earlier layers and adds `growth` channels.
private struct DenseBlock: Module {
  private let layers: [DenseLayer]

  init(
    layers count: Int, from width: Int, growth: Int, dropout: Double, _ makeNorm: NormLayer,
    _ generator: Generator
  ) throws(TorchError) {
    var layers: [DenseLayer] = []
    for index in 0..<count {
      let inputs = width + index * growth
      layers.append(try DenseLayer(from: inputs, growth: growth, dropout: dropout, makeNorm, generator))
    }
    self.layers = layers
  }

  var children: Children {
    Children(layers.enumerated().map { ("denselayer\($0.offset + 1)", $0.element) })
  }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    var features = [input]
    for layer in layers { features.append(try layer(Tensor.cat(features, axis: 1), mode)) }
    return try Tensor.cat(features, axis: 1)
  }
}

private struct DenseLayer: Module {
  private let norms: [any Module]
  private let convolutions: [Convolution]
  private let dropout: Dropout

  init(from inputs: Int, growth: Int, dropout: Double, _ makeNorm: NormLayer, _ generator: Generator)
    throws(TorchError)
  {
    let bottleneck = 4 * growth
    norms = [try makeNorm(inputs), try makeNorm(bottleneck)]
    convolutions = [
      try DenseNet121.convolution(inputs, bottleneck, kernel: 1, generator),
      try DenseNet121.convolution(bottleneck, growth, kernel: 3, generator),
    ]
    self.dropout = Dropout(dropout)
  }

  var children: Children {
    ["norm1": norms[0], "conv1": convolutions[0], "norm2": norms[1], "conv2": convolutions[1]]
  }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    var features = input
    for (norm, convolution) in zip(norms, convolutions) {
      features = try convolution(norm(features, mode).relu())
    }
    return try dropout(features, mode)
  }
}
