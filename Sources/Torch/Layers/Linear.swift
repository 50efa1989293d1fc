import CTorch

/// A fully connected layer: [..., inputs] → [..., outputs].
public struct Linear: Module {
  public let weight: Tensor
  public let bias: Tensor?

  public init(
    from inputs: Int, to outputs: Int, bias: Bool = true, initialiser: Initialiser = .pytorchDefault,
    generator: Generator
  ) throws(TorchError) {
    weight = try initialiser.makeWeight([outputs, inputs], generator)
    self.bias = bias ? try Initialiser.makeBias(outputs, weight: weight, generator) : nil
  }

  public var ownState: [StateEntry] { StateEntry.affine(weight, bias) }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make { ct_linear(input.handle, weight.handle, bias?.handle, $0, $1) }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try self(input) }
}
