import StudyProtocol
import Torch

/// A residual network for 2-D images (He et al. 2016), with torchvision's layers and names.
///
/// [examples, channels, height, width] → [examples, outputs]. Bottlenecks have the stride at their 3×3
/// convolution.
public struct ResNet: StagedModel {
  /// The depth of the network and the kind of its blocks.
  struct Design {
    /// The number of blocks of each stage.
    let blocks: [Int]
    /// Whether a block is a bottleneck: three convolutions, of which the third has four times as many
    /// channels. Other blocks have two convolutions.
    let isBottleneck: Bool

    static let resnet18 = Self(blocks: [2, 2, 2, 2], isBottleneck: false)
    static let resnet34 = Self(blocks: [3, 4, 6, 3], isBottleneck: false)
    static let resnet50 = Self(blocks: [3, 4, 6, 3], isBottleneck: true)
  }

  private let convolution: Convolution
  private let norm: any Module
  private let layers: [Sequential]
  let head: Linear

  init(_ design: Design, _ settings: Study.Model, _ shape: ModelShape, _ generator: Generator)
    throws(TorchError)
  {
    // All widths are multiples of 64, so every group normalisation can have 32 groups, as in Wu and He
    // (2018).
    let makeNorm = NormLayer(settings.norm, atMost: 32, dividing: [64])
    convolution = try Convolution(
      dimensions: 2, from: shape.inputs, to: 64, kernel: 7, stride: 2, padding: 3, bias: false,
      initialiser: .kaimingNormalFanOut, generator: generator)
    norm = try makeNorm(64)
    var width = 64
    var layers: [Sequential] = []
    for (index, count) in design.blocks.enumerated() {
      var blocks: [ResidualBlock] = []
      for position in 0..<count {
        let block = try ResidualBlock(
          from: width, planes: 64 << index, stride: index > 0 && position == 0 ? 2 : 1,
          isBottleneck: design.isBottleneck, makeNorm, generator)
        width = block.outputs
        blocks.append(block)
      }
      layers.append(Sequential(blocks))
    }
    self.layers = layers
    head = try Linear(from: width, to: shape.outputs, generator: generator)
  }

  public var children: Children {
    let named = layers.enumerated().map { (name: "layer\($0.offset + 1)", module: $0.element as any Module) }
    return Children([("conv1", convolution), ("bn1", norm)] + named + [("fc", head)])
  }

  var stages: [ModelStage] {
    let stem = ModelStage("stem", ["conv1.", "bn1."]) {
      [convolution, norm] input, mode throws(TorchError) in
      try norm(convolution(input), mode).relu().maxPool(kernel: 3, stride: 2, padding: 1)
    }
    let rest = layers.enumerated().map { [count = layers.count] index, layer in
      let name = "layer\(index + 1)"
      return ModelStage(name, [name + "."]) { input, mode throws(TorchError) in
        let features = try layer(input, mode)
        return index + 1 < count ? features : try features.adaptiveAveragePool(size: 1).flatten(from: 1)
      }
    }
    return [stem] + rest
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try whole(input, mode)
  }
}

/// A residual block: two 3×3 convolutions, or a bottleneck of three convolutions (1×1, 3×3 and 1×1).
private struct ResidualBlock: Module {
  let outputs: Int
  private let layers: [(convolution: Convolution, norm: any Module)]
  /// Converts the input to the shape of the output; `nil` if the shapes already agree.
  private let downsample: Sequential?

  init(
    from inputs: Int, planes: Int, stride: Int, isBottleneck: Bool, _ makeNorm: NormLayer,
    _ generator: Generator
  ) throws(TorchError) {
    func makeConvolution(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1) throws(TorchError)
      -> Convolution
    {
      try Convolution(
        dimensions: 2, from: inputs, to: outputs, kernel: kernel, stride: stride, padding: kernel / 2,
        bias: false, initialiser: .kaimingNormalFanOut, generator: generator)
    }
    outputs = isBottleneck ? 4 * planes : planes
    if isBottleneck {
      layers = [
        (try makeConvolution(inputs, planes, kernel: 1), try makeNorm(planes)),
        (try makeConvolution(planes, planes, kernel: 3, stride: stride), try makeNorm(planes)),
        (try makeConvolution(planes, outputs, kernel: 1), try makeNorm(outputs)),
      ]
    } else {
      layers = [
        (try makeConvolution(inputs, planes, kernel: 3, stride: stride), try makeNorm(planes)),
        (try makeConvolution(planes, planes, kernel: 3), try makeNorm(planes)),
      ]
    }
    let isSameSize = stride == 1 && inputs == outputs
    downsample =
      isSameSize
      ? nil
      : Sequential(try makeConvolution(inputs, outputs, kernel: 1, stride: stride), try makeNorm(outputs))
  }

  var children: Children {
    var named: [(name: String, module: any Module)] = []
    for (index, layer) in layers.enumerated() {
      named += [("conv\(index + 1)", layer.convolution), ("bn\(index + 1)", layer.norm)]
    }
    if let downsample { named.append(("downsample", downsample)) }
    return Children(named)
  }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    var features = input
    for (index, layer) in layers.enumerated() {
      if index > 0 { features = try features.relu() }
      features = try layer.norm(layer.convolution(features), mode)
    }
    let identity = try downsample?(input, mode) ?? input
    return try (features + identity).relu()
  }
}
