import Torch

/// A model whose layers can be divided between a site and a host: the site keeps the layers before and after a
/// cut, the host computes the middle.
///
/// One definition serves whole and divided models: the run of a whole model is the run whose middle is the
/// model's own. Study.Model.cuts lists the names of the cuts.
protocol Cuttable: Module {
  /// Computes the output of the model.
  ///
  /// - Parameters:
  ///   - cut: The cut; `nil` if the whole model runs here.
  ///   - middle: Computes the layers inside the cut. Not called without a cut.
  /// - Throws: `TorchError`, also if the model has no such cut.
  func run(
    _ input: Tensor, _ mode: Mode, around cut: String?, middle: (Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor

  /// The layers inside a cut; `nil` if the model has no such cut.
  func middle(of cut: String) -> ModelMiddle?
}

/// The layers of a model inside a cut.
struct ModelMiddle {
  /// Computes the layers.
  let run: (Tensor, Mode) throws(TorchError) -> Tensor
  /// The prefixes of the names of the layers' tensors in the whole model.
  let prefixes: [String]

  /// Whether the tensor with this name belongs to the layers.
  func contains(_ name: String) -> Bool { prefixes.contains { name.hasPrefix($0) } }
}

extension TorchError {
  /// The error for a cut that a model does not have.
  static func noCut(_ cut: String) -> TorchError {
    TorchError(.invalidArgument, "the model has no cut '\(cut)'")
  }
}
