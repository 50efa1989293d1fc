import CTorch

/// A convolution over 2 or 3 spatial axes (`Conv2d`, `Conv3d`): [examples, inputs, ...] → [examples, outputs,
/// ...].
public struct Convolution: Module {
  public let weight: Tensor
  public let bias: Tensor?
  private let stride: Int
  private let padding: Int
  private let dilation: Int
  private let groups: Int

  /// - Parameters:
  ///   - dimensions: the number of spatial axes, 2 or 3.
  ///   - kernel: the width of the kernel along each axis.
  public init(
    dimensions: Int, from inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, bias: Bool = true, initialiser: Initialiser = .pytorchDefault,
    generator: Generator
  ) throws(TorchError) {
    precondition(dimensions == 2 || dimensions == 3, "\(dimensions) spatial axes")
    let window = Array(repeating: kernel, count: dimensions)
    weight = try initialiser.makeWeight([outputs, inputs / groups] + window, generator)
    self.bias = bias ? try Initialiser.makeBias(outputs, weight: weight, generator) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  public var ownState: [StateEntry] { StateEntry.affine(weight, bias) }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make {
      ct_convolution(
        input.handle, weight.handle, bias?.handle, stride, padding, dilation, groups, $0, $1)
    }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try self(input) }
}

/// A transposed convolution over 2 or 3 spatial axes (`ConvTranspose2d`, `ConvTranspose3d`). It enlarges each
/// axis by a factor of `stride`.
public struct TransposedConvolution: Module {
  public let weight: Tensor
  public let bias: Tensor?
  private let stride: Int
  private let padding: Int
  private let outputPadding: Int

  /// - Parameters:
  ///   - dimensions: the number of spatial axes, 2 or 3.
  ///   - outputPadding: the size added to one side of the output. Several output sizes are possible for a
  ///     stride; this selects one of them.
  public init(
    dimensions: Int, from inputs: Int, to outputs: Int, kernel: Int, stride: Int, padding: Int = 0,
    outputPadding: Int = 0, bias: Bool = true, initialiser: Initialiser = .pytorchDefault,
    generator: Generator
  ) throws(TorchError) {
    precondition(dimensions == 2 || dimensions == 3, "\(dimensions) spatial axes")
    let window = Array(repeating: kernel, count: dimensions)
    // PyTorch stores the axis of the inputs first in this layer, and computes its fan-in and fan-out from
    // that order.
    weight = try initialiser.makeWeight([inputs, outputs] + window, generator)
    self.bias = bias ? try Initialiser.makeBias(outputs, weight: weight, generator) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  public var ownState: [StateEntry] { StateEntry.affine(weight, bias) }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make {
      ct_transposed_convolution(
        input.handle, weight.handle, bias?.handle, stride, padding, outputPadding, 1, 1, $0, $1)
    }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try self(input) }
}
