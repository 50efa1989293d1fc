import Testing
import Torch

/// Compares layers with PyTorch's: the same seed yields the same parameters, outputs, gradients and buffers.
@Suite struct LayerTests {
  static let layers: [(String, @Sendable (Generator) throws -> any Module)] = [
    ("linear", { try Linear(from: 4, to: 3, generator: $0) }),
    (
      "conv2d",
      {
        try Convolution(
          dimensions: 2, from: 4, to: 6, kernel: 3, stride: 2, padding: 1, groups: 2, generator: $0)
      }
    ),
    (
      "conv2d-dilated",
      { try Convolution(dimensions: 2, from: 2, to: 3, kernel: 3, dilation: 2, bias: false, generator: $0) }
    ),
    ("conv3d", { try Convolution(dimensions: 3, from: 2, to: 3, kernel: 3, padding: 1, generator: $0) }),
    (
      "conv-transpose2d",
      {
        try TransposedConvolution(
          dimensions: 2, from: 3, to: 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1, generator: $0)
      }
    ),
    (
      "conv-transpose3d",
      {
        try TransposedConvolution(
          dimensions: 3, from: 2, to: 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1, generator: $0)
      }
    ),
    ("batch-norm1d", { _ in try BatchNorm(3) }),
    ("batch-norm2d", { _ in try BatchNorm(3) }),
    ("batch-norm3d", { _ in try BatchNorm(2) }),
    ("group-norm", { _ in try GroupNorm(groups: 2, 4) }),
    ("instance-norm2d", { _ in try InstanceNorm(3) }),
    ("instance-norm3d-affine", { _ in try InstanceNorm(2, affine: true) }),
    ("prelu", { _ in try PReLU() }),
    ("prelu-channels", { _ in try PReLU(3) }),
    ("max-pool2d", { _ in MaxPool(kernel: 3, stride: 2, padding: 1) }),
    ("max-pool3d", { _ in MaxPool(kernel: 2) }),
    ("average-pool2d", { _ in AveragePool(kernel: 2) }),
    ("average-pool3d", { _ in AveragePool(kernel: 3, stride: 1, padding: 1) }),
    ("adaptive-pool2d", { _ in AdaptiveAveragePool(size: 2) }),
    ("adaptive-pool3d", { _ in AdaptiveAveragePool() }),
    ("dropout", { _ in Dropout(0.3) }),
    (
      "sequential",
      {
        Sequential(
          try Convolution(dimensions: 2, from: 1, to: 4, kernel: 3, generator: $0), try BatchNorm(4), ReLU(),
          Flatten(), try Linear(from: 36, to: 2, generator: $0))
      }
    ),
  ]

  @Test func everyReferenceHasALayer() throws {
    let names = try references("layers.json", as: LayerReference.self).map(\.name)
    #expect(names == Self.layers.map(\.0))
  }

  /// Each layer as PyTorch runs it, and again with a channels-last batch, for which other kernels are used.
  @Test(arguments: layers.map(\.0), [false, true]) func agreesWithPyTorch(
    _ name: String, _ channelsLast: Bool
  )
    throws
  {
    let reference = try #require(
      references("layers.json", as: LayerReference.self).first { $0.name == name })
    let make = try #require(Self.layers.first { $0.0 == name }).1
    let layer = try make(Generator(seed: reference.seed))
    try expectState(of: layer, reference.state, tolerance: 1e-7)

    let images = try reference.input.tensor()
    let asImages = channelsLast && images.rank >= 4
    let format = asImages ? MemoryFormat.channelsLast(dimensions: images.rank - 2) : .contiguous
    try layer.move(to: .cpu, format)
    let input = try images.contiguous(in: format)
    try input.setRequiresGrad()
    let output = try layer(input, .training(Generator(seed: reference.dropoutSeed)))
    try expectEqual(output, reference.output, "output")
    try (output * reference.upstream.tensor()).sum().backward()
    try expectEqual(input.grad, reference.inputGradient, "input gradient")
    for entry in layer.state where entry.role == .trainable {
      let gradient = try #require(reference.gradients[entry.name])
      try expectEqual(entry.tensor.grad, gradient, "gradient of \(entry.name)")
    }
    try expectState(of: layer, reference.stateAfter)
    try expectEqual(layer(input, .evaluation), reference.evaluation, "evaluation")
  }

  private func expectState(
    of layer: any Module, _ state: [String: ReferenceTensor], tolerance: Double = 1e-5
  ) throws {
    #expect(Set(layer.state.map(\.name)) == Set(state.keys))
    for entry in layer.state {
      try expectEqual(entry.tensor, #require(state[entry.name]), tolerance: tolerance, entry.name)
    }
  }

  @Test func groupsMustDivideChannels() {
    let error = #expect(throws: TorchError.self) { try GroupNorm(groups: 3, 4) }
    #expect(error?.code == .invalidArgument)
  }

  /// PyTorch: "Expected more than 1 value per channel when training".
  @Test func trainingOnOneValuePerChannelThrows() throws {
    let mode = Mode.training(try Generator(seed: 1))
    for shape in [[1, 3, 1, 1], [1, 3]] {
      let single = try Tensor.ones(shape)
      let error = #expect(throws: TorchError.self) { try BatchNorm(3)(single, mode) }
      #expect(error?.code == .invalidArgument)
      #expect(try BatchNorm(3)(single, .evaluation).shape == shape)
      #expect(try BatchNorm(3)(Tensor.ones([2] + shape.dropFirst()), mode).shape == [2] + shape.dropFirst())
    }
    let example = try Tensor.ones([4, 3, 1, 1])
    #expect(throws: TorchError.self) { try InstanceNorm(3)(example, mode) }
    #expect(try InstanceNorm(3)(example, .evaluation).shape == example.shape)
  }

  static let deviations: [(Initialiser, Double)] = [
    (.kaimingNormalFanOut, (2.0 / 288).squareRoot()), (.kaimingNormal, (2.0 / 576).squareRoot()),
    (.normal(deviation: 0.02), 0.02), (.zeros, 0),
  ]

  @Test(arguments: deviations) func initialiserHasItsDeviation(
    _ initialiser: Initialiser, _ deviation: Double
  ) throws {
    let layer = try Convolution(
      dimensions: 2, from: 64, to: 32, kernel: 3, initialiser: initialiser, generator: Generator(seed: 1))
    let values = try layer.weight.values(as: Double.self)
    let found = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    #expect(abs(found - deviation) <= 0.02 * deviation)
  }
}
