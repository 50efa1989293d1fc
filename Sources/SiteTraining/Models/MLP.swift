import StudyProtocol
import Torch

/// A multilayer perceptron with ReLU: [examples, features] → [examples, outputs].
///
/// In PyTorch: `hidden`, an `nn.ModuleList` of `nn.Linear`, each followed by ReLU and dropout, then `output`,
/// an `nn.Linear`.
public struct MLP: Module {
  private let hidden: [Linear]
  private let dropout: Dropout
  private let output: Linear

  init(_ settings: Study.Model, _ shape: ModelShape, _ generator: Generator) throws(TorchError) {
    var width = shape.inputs
    var hidden: [Linear] = []
    for next in settings.hidden {
      hidden.append(try Linear(from: width, to: next, generator: generator))
      width = next
    }
    self.hidden = hidden
    dropout = Dropout(settings.dropout)
    output = try Linear(from: width, to: shape.outputs, generator: generator)
  }

  public var children: Children { ["hidden": Sequential(hidden), "output": output] }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    var features = input
    for layer in hidden { features = try dropout(layer(features).relu(), mode) }
    return try output(features)
  }
}
