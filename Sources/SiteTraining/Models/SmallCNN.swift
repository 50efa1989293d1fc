import StudyProtocol
import Torch

/// A small convolutional classifier for small images: [examples, channels, height, width] → [examples,
/// outputs].
///
/// With the channels 16, 32, 64, three input channels and seven classes it has 30,871 parameters. In PyTorch,
/// level k (from 1) is `conv{k}` = `nn.Conv2d(…, 3, padding=1, bias=False)`, `norm{k}` = `nn.BatchNorm2d` (or
/// the study's norm), ReLU and, except at the last level, `nn.MaxPool2d(2)`. Then follow
/// `nn.AdaptiveAvgPool2d(4)`, flatten, dropout and `fc` = `nn.Linear`.
public struct SmallCNN: StagedModel {
  private static let pooledSize = 4

  private let levels: [(convolution: Convolution, norm: any Module)]
  private let dropout: Dropout
  let head: Linear

  init(_ settings: Study.Model, _ shape: ModelShape, _ generator: Generator) throws(TorchError) {
    let makeNorm = NormLayer(settings.norm, atMost: 8, dividing: settings.channels)
    var width = shape.inputs
    var levels: [(Convolution, any Module)] = []
    for channels in settings.channels {
      let convolution = try Convolution(
        dimensions: 2, from: width, to: channels, kernel: 3, padding: 1, bias: false, generator: generator)
      levels.append((convolution, try makeNorm(channels)))
      width = channels
    }
    self.levels = levels
    dropout = Dropout(settings.dropout)
    head = try Linear(
      from: width * Self.pooledSize * Self.pooledSize, to: shape.outputs, generator: generator)
  }

  public var children: Children {
    let named = levels.enumerated().flatMap { index, level -> [(name: String, module: any Module)] in
      [("conv\(index + 1)", level.convolution), ("norm\(index + 1)", level.norm)]
    }
    return Children(named + [("fc", head)])
  }

  var stages: [ModelStage] {
    levels.enumerated().map { [dropout, count = levels.count] index, level in
      let number = index + 1
      return ModelStage("level\(number)", ["conv\(number).", "norm\(number)."]) {
        input, mode throws(TorchError) in
        let features = try level.norm(level.convolution(input), mode).relu()
        guard number == count else { return try features.maxPool(kernel: 2) }
        return try dropout(features.adaptiveAveragePool(size: Self.pooledSize).flatten(from: 1), mode)
      }
    }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try whole(input, mode)
  }
}
