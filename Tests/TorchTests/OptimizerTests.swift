import Foundation
import Testing
import Torch

/// Compares optimizers with PyTorch's plain loops over five steps with a falling rate and clipped gradients.
@Suite struct OptimizerTests {
  static let optimizers: [(String, @Sendable (TensorList) throws -> any Optimizer)] = [
    ("sgd", { try SGD($0) }),
    ("sgd-weight-decay", { try SGD($0, weightDecay: 0.05) }),
    ("sgd-momentum", { try SGD($0, momentum: 0.9) }),
    ("sgd-nesterov", { try SGD($0, momentum: 0.9, nesterov: true, weightDecay: 0.01) }),
    ("adam", { try Adam($0) }),
    ("adam-weight-decay", { try Adam($0, betas: (0.8, 0.95), epsilon: 1e-6, weightDecay: .coupled(0.1)) }),
    ("adamw", { try Adam($0, weightDecay: .decoupled(0.2)) }),
  ]

  @Test func everyReferenceHasAnOptimizer() throws {
    let names = try references("optimizers.json", as: OptimizerReference.self).map(\.name)
    #expect(names == Self.optimizers.map(\.0))
  }

  @Test(arguments: optimizers.map(\.0)) func agreesWithPyTorch(_ name: String) throws {
    let reference = try #require(
      references("optimizers.json", as: OptimizerReference.self).first { $0.name == name })
    let parameters = try reference.start.map { try parameter($0) }
    let optimizer = try #require(Self.optimizers.first { $0.0 == name }).1(TensorList(parameters))
    for (step, rate) in reference.rates.enumerated() {
      optimizer.parameters.zeroGrad()
      for (parameter, gradient) in zip(parameters, reference.gradients[step]) {
        try (parameter * gradient.tensor()).sum().backward()
      }
      let norm = try optimizer.parameters.clipGradNorm(to: reference.clipNorm)
      #expect(abs(norm - reference.norms[step]) <= 1e-5 * norm)
      try optimizer.step(learningRate: rate)
    }
    for (parameter, end) in zip(parameters, reference.end) { try expectEqual(parameter, end) }
  }

  private func parameter(_ reference: ReferenceTensor) throws -> Tensor {
    let tensor = try reference.tensor()
    try tensor.setRequiresGrad()
    return tensor
  }

  @Test func channelsLastParametersStepLikeContiguousOnes() throws {
    func trained(_ format: MemoryFormat) throws -> [Float] {
      let layer = try Convolution(dimensions: 2, from: 3, to: 4, kernel: 3, generator: Generator(seed: 2))
      try layer.move(to: .cpu, format)
      #expect(layer.weight.isContiguous(in: format))
      let optimizer = try Adam(FlatState(of: layer).trainable())
      let input = try Tensor.normal([2, 3, 6, 6], generator: Generator(seed: 3))
      for _ in 0..<3 {
        optimizer.parameters.zeroGrad()
        try layer(input).power(2).mean().backward()
        try optimizer.step(learningRate: 0.01)
      }
      return try layer.weight.values()
    }
    for (a, b) in zip(try trained(.contiguous), try trained(.channelsLast)) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func parameterWithoutGradientStays() throws {
    let used = try parameter(.init(shape: [1], values: [1]))
    let unused = try parameter(.init(shape: [1], values: [1]))
    let optimizer = try Adam(TensorList([used, unused]))
    try used.sum().backward()
    try optimizer.step(learningRate: 0.5)
    let moved = try used.item()
    #expect(abs(moved - 0.5) < 1e-6)
    #expect(try unused.item() == 1)
  }

  @Test func correctionsAddToGradients() throws {
    let weight = try parameter(.init(shape: [2], values: [1, 2]))
    let list = try TensorList([weight])
    try (weight * 3).sum().backward()
    try list.addToGrad(TensorList([Tensor([10, 20] as [Float])]), scaledBy: 0.5)
    #expect(try weight.grad?.values() == [8, 13])
    try list.addProximalTerm(to: TensorList([Tensor([0, 4] as [Float])]), strength: 0.1)
    let gradient = try #require(try weight.grad?.values())
    #expect(abs(gradient[0] - 8.1) < 1e-6 && abs(gradient[1] - 12.8) < 1e-6)
  }

  @Test func clippingLeavesSmallGradients() throws {
    let weight = try parameter(.init(shape: [2], values: [1, 1]))
    try (weight * Tensor([3, 4] as [Float])).sum().backward()
    let list = try TensorList([weight])
    #expect(try list.clipGradNorm(to: 10) == 5)
    #expect(try weight.grad?.values() == [3, 4])
  }

  @Test func nesterovWithoutMomentumThrows() throws {
    let list = try TensorList([parameter(.init(shape: [1], values: [1]))])
    #expect(throws: TorchError.self) { try SGD(list, nesterov: true) }
  }

  @Test func listsOfDifferentLengthsThrow() throws {
    let weight = try parameter(.init(shape: [1], values: [1]))
    try weight.sum().backward()
    let other = try TensorList([weight, weight])
    #expect(throws: TorchError.self) { try TensorList([weight]).addToGrad(other) }
  }
}
