import StudyProtocol
import Torch

/// MONAI's U-Net (Kerfoot et al. 2019) in 2-D and 3-D, with residual units or plain convolutions, and MONAI's
/// names.
///
/// [examples, channels, (depth,) height, width] → [examples, outputs, (depth,) height, width]. Each side must
/// be a multiple of the product of the strides. Kernels are 3 wide, activations are PReLU, and normalisation
/// comes before dropout and activation.
public struct UNet: Cuttable {
  private let model: UNetLevel

  init(_ settings: Study.Model, _ shape: ModelShape, _ generator: Generator) throws(TorchError) {
    // With residual units, the outermost layer normalises the outputs as well.
    let normalised = settings.channels + (settings.residualUnits > 0 ? [shape.outputs] : [])
    let builder = UNetBuilder(
      dimensions: shape.dimensions, residualUnits: settings.residualUnits, dropout: settings.dropout,
      makeNorm: NormLayer(settings.norm, atMost: 8, dividing: normalised), generator: generator)
    model = try builder.level(
      from: shape.inputs, to: shape.outputs, settings.channels[...], settings.strides[...], isTop: true)
  }

  public var children: Children { ["model": model] }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try model(input, mode)
  }

  /// The site keeps the levels down to the cut, in the encoder and in the decoder, so that no skip connection
  /// crosses the cut.
  func run(
    _ input: Tensor, _ mode: Mode, around cut: String?, middle: (Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    guard let cut else { return try model(input, mode) }
    guard let depth = depth(of: cut) else { throw .noCut(cut) }
    return try model.run(input, mode, depth: depth, middle: middle)
  }

  func middle(of cut: String) -> ModelMiddle? {
    guard let depth = depth(of: cut), let inner = model.inner(atDepth: depth) else { return nil }
    return ModelMiddle(
      run: { input, mode throws(TorchError) in try inner(input, mode) },
      prefixes: ["model." + String(repeating: "1.submodule.", count: depth)])
  }

  /// The number of levels that the site keeps.
  private func depth(of cut: String) -> Int? {
    (1..<max(2, model.levels)).first { cut == "level\($0)" }
  }
}

/// A level of a U-Net: a reduction, the deeper levels with a skip connection around them, and an enlargement.
struct UNetLevel: Module {
  let down: any Module
  let skip: SkipConnection
  let up: any Module

  var children: Children { ["0": down, "1": skip, "2": up] }

  /// The number of levels of the network from here, with the bottom.
  var levels: Int { 1 + ((skip.submodule as? UNetLevel)?.levels ?? 1) }

  /// The part inside the skip connection at a depth, 1 for that of this level; `nil` if the network is not so
  /// deep.
  func inner(atDepth depth: Int) -> (any Module)? {
    depth == 1 ? skip.submodule : (skip.submodule as? UNetLevel)?.inner(atDepth: depth - 1)
  }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try up(skip(down(input, mode), mode), mode)
  }

  /// Computes the level with `middle` in place of the part inside the skip connection at `depth`.
  func run(_ input: Tensor, _ mode: Mode, depth: Int, middle: (Tensor) throws(TorchError) -> Tensor)
    throws(TorchError) -> Tensor
  {
    let joined = try skip.join(down(input, mode)) { input throws(TorchError) in
      guard depth > 1, let inner = skip.submodule as? UNetLevel else { return try middle(input) }
      return try inner.run(input, mode, depth: depth - 1, middle: middle)
    }
    return try up(joined, mode)
  }
}

/// Builds the levels of a U-Net. Each level contains the next deeper level.
private struct UNetBuilder {
  let dimensions: Int
  let residualUnits: Int
  let dropout: Double
  let makeNorm: NormLayer
  let generator: Generator

  /// A level that reduces the image by the first stride, passes it through the deeper levels, and enlarges it
  /// again. A skip connection bypasses the deeper levels.
  func level(
    from inputs: Int, to outputs: Int, _ channels: ArraySlice<Int>, _ strides: ArraySlice<Int>, isTop: Bool
  ) throws(TorchError) -> UNetLevel {
    guard let width = channels.first, let stride = strides.first else {
      throw TorchError(.invalidArgument, "a U-Net needs one stride between each two of its levels")
    }
    let deeper = channels.dropFirst()
    let bottom = deeper.count == 1 ? deeper.first : nil
    let down = try reduction(from: inputs, to: width, stride: stride)
    let inner: any Module =
      if let bottom {
        try reduction(from: width, to: bottom, stride: 1)
      } else {
        try level(from: width, to: width, deeper, strides.dropFirst(), isTop: false)
      }
    let up = try enlargement(from: width + (bottom ?? width), to: outputs, stride: stride, isTop: isTop)
    return UNetLevel(down: down, skip: SkipConnection(submodule: inner), up: up)
  }

  private func reduction(from inputs: Int, to outputs: Int, stride: Int) throws(TorchError) -> any Module {
    guard residualUnits > 0 else { return try block(from: inputs, to: outputs, stride: stride) }
    return try residualUnit(from: inputs, to: outputs, stride: stride, units: residualUnits)
  }

  private func enlargement(from inputs: Int, to outputs: Int, stride: Int, isTop: Bool) throws(TorchError)
    -> any Module
  {
    let transposed = try TransposedConvolution(
      dimensions: dimensions, from: inputs, to: outputs, kernel: 3, stride: stride, padding: 1,
      outputPadding: stride - 1, generator: generator)
    let isLast = isTop && residualUnits == 0
    let enlarge = Sequential(named: ["conv": transposed, "adn": isLast ? nil : try activation(outputs)])
    guard residualUnits > 0 else { return enlarge }
    let refine = try residualUnit(from: outputs, to: outputs, stride: 1, units: 1, endsPlain: isTop)
    return Sequential(enlarge, refine)
  }

  private func residualUnit(
    from inputs: Int, to outputs: Int, stride: Int, units: Int, endsPlain: Bool = false
  ) throws(TorchError) -> ResidualUnit {
    var blocks: [(name: String, module: any Module)] = []
    for index in 0..<units {
      let unit = try block(
        from: index == 0 ? inputs : outputs, to: outputs, stride: index == 0 ? stride : 1,
        isPlain: endsPlain && index == units - 1)
      blocks.append(("unit\(index)", unit))
    }
    let needsProjection = stride != 1 || inputs != outputs
    let projection =
      needsProjection
      ? try convolution(from: inputs, to: outputs, kernel: stride == 1 ? 1 : 3, stride: stride) : nil
    return ResidualUnit(units: Sequential(named: Children(blocks)), residual: projection)
  }

  /// A convolution, followed by normalisation, dropout and activation unless it is plain.
  private func block(from inputs: Int, to outputs: Int, stride: Int, isPlain: Bool = false)
    throws(TorchError) -> Sequential
  {
    let convolution = try convolution(from: inputs, to: outputs, kernel: 3, stride: stride)
    return Sequential(named: ["conv": convolution, "adn": isPlain ? nil : try activation(outputs)])
  }

  private func convolution(from inputs: Int, to outputs: Int, kernel: Int, stride: Int) throws(TorchError)
    -> Convolution
  {
    try Convolution(
      dimensions: dimensions, from: inputs, to: outputs, kernel: kernel, stride: stride, padding: kernel / 2,
      generator: generator)
  }

  private func activation(_ channels: Int) throws(TorchError) -> Sequential {
    Sequential(named: ["N": try makeNorm(channels), "D": Dropout(dropout), "A": try PReLU()])
  }
}

/// A unit of convolutions whose output is added to the unit's input.
private struct ResidualUnit: Module {
  let units: Sequential
  /// Converts the input to the shape of the output; `nil` if the shapes already agree.
  let residual: Convolution?

  var children: Children { ["conv": units, "residual": residual] }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    let identity = try residual?(input) ?? input
    return try units(input, mode) + identity
  }
}

/// Concatenates the input and the output of a submodule along the channels.
///
/// The submodule receives its input through a separate graph node, which copies nothing. The gradients of the
/// submodule's first layers are then summed before the gradient of the skip connection is added. The sum is
/// therefore the same, to the last bit, as if the submodule were computed separately.
struct SkipConnection: Module {
  let submodule: any Module

  var children: Children { ["submodule": submodule] }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    try join(input) { input throws(TorchError) in try submodule(input, mode) }
  }

  /// Concatenates the input and the output of `inner`.
  func join(_ input: Tensor, _ inner: (Tensor) throws(TorchError) -> Tensor) throws(TorchError) -> Tensor {
    try Tensor.cat([input, inner(input.expand(input.shape))], axis: 1)
  }
}
