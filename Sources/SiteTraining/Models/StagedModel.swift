import Torch

/// A model of stages that follow one another, and of a last layer. It can be cut after each stage but the last;
/// the middle is then formed by the stages that remain.
protocol StagedModel: Cuttable {
  /// The stages before the last layer, in order.
  var stages: [ModelStage] { get }
  /// The last layer.
  var head: Linear { get }
}

/// A stage of a model.
struct ModelStage {
  /// The name of the cut after the stage.
  let name: String
  /// The prefixes of the names of the stage's tensors in the whole model.
  let prefixes: [String]
  let run: (Tensor, Mode) throws(TorchError) -> Tensor

  init(
    _ name: String, _ prefixes: [String], _ run: @escaping (Tensor, Mode) throws(TorchError) -> Tensor
  ) {
    self.name = name
    self.prefixes = prefixes
    self.run = run
  }
}

extension StagedModel {
  func run(
    _ input: Tensor, _ mode: Mode, around cut: String?, middle: (Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    let stages = stages
    var end = stages.count
    if let cut {
      guard let index = Self.end(of: cut, in: stages) else { throw .noCut(cut) }
      end = index
    }
    var features = input
    for stage in stages[..<end] { features = try stage.run(features, mode) }
    if cut != nil { features = try middle(features) }
    return try head(features)
  }

  func middle(of cut: String) -> ModelMiddle? {
    let all = stages
    guard let end = Self.end(of: cut, in: all) else { return nil }
    let stages = all[end...]
    return ModelMiddle(
      run: { input, mode throws(TorchError) in
        var features = input
        for stage in stages { features = try stage.run(features, mode) }
        return features
      }, prefixes: stages.flatMap(\.prefixes))
  }

  /// The number of stages up to a cut; `nil` if there is no such cut.
  private static func end(of cut: String, in stages: [ModelStage]) -> Int? {
    stages.dropLast().firstIndex { $0.name == cut }.map { $0 + 1 }
  }

  /// The output of the whole model.
  func whole(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try run(input, mode, around: nil) { input throws(TorchError) in input }
  }
}
