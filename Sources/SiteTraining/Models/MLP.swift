import StudyProtocol
import Torch

/// A multilayer perceptron with ReLU: [examples, features] → [examples, outputs].
///
/// In PyTorch: `hidden`, an `nn.ModuleList` of `nn.Linear`, each followed by ReLU and dropout, then `output`,
/// an `nn.Linear`.
public struct MLP: StagedModel {
  private let hidden: [Linear]
  private let dropout: Dropout
  let head: Linear

  init(_ settings: Study.Model, _ shape: ModelShape, _ generator: Generator) throws(TorchError) {
    var width = shape.inputs
    var hidden: [Linear] = []
    for next in settings.hidden {
      hidden.append(try Linear(from: width, to: next, generator: generator))
      width = next
    }
    self.hidden = hidden
    dropout = Dropout(settings.dropout)
    head = try Linear(from: width, to: shape.outputs, generator: generator)
  }

  public var children: Children { ["hidden": Sequential(hidden), "output": head] }

  var stages: [ModelStage] {
    hidden.enumerated().map { [dropout] index, layer in
      ModelStage("hidden\(index + 1)", ["hidden.\(index)."]) { input, mode throws(TorchError) in
        try dropout(layer(input).relu(), mode)
      }
    }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try whole(input, mode)
  }
}
