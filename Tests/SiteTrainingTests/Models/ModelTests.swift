import FederatedCore
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

@Suite(.serialized)
struct ModelTests {
  private static func make(
    _ settings: Study.Model, _ shape: ModelShape, seed: UInt64 = 7
  ) throws -> any Module {
    try ModelRegistry.makeModel(settings, for: shape, generator: Generator(seed: seed))
  }

  private static func values(of model: any Module) throws -> [[Float]] {
    try model.state.map { try $0.tensor.values() }
  }

  @Test func sameSeedGivesSameWeights() throws {
    let settings = Study.Model(architecture: .unet, channels: [4, 8], strides: [2], residualUnits: 2)
    let shape = ModelShape(inputs: 1, outputs: 2)
    let first = try Self.values(of: Self.make(settings, shape))
    #expect(try Self.values(of: Self.make(settings, shape)) == first)
    #expect(try Self.values(of: Self.make(settings, shape, seed: 8)) != first)
  }

  /// torchvision: He et al. 2015 by fan-out in ResNet, by fan-in in DenseNet; PyTorch's default in the last
  /// layer.
  @Test(arguments: [
    (Study.Model.Architecture.resnet18, "layer2.0.conv1.weight", 2.0, 1152),
    (.resnet18, "fc.weight", 1.0, 1536),
    (.densenet121, "features.denseblock3.denselayer9.conv1.weight", 2.0, 512),
    (.densenet121, "classifier.weight", 1.0, 3072),
  ])
  func initialWeightsHaveTorchvisionsVariance(
    _ architecture: Study.Model.Architecture, _ name: String, _ gain: Double, _ fan: Int
  ) throws {
    let variance = gain / Double(fan)
    let model = try Self.make(.init(architecture: architecture), ModelShape(inputs: 3, outputs: 100))
    let entry = try #require(model.state.first { $0.name == name })
    let values = try entry.tensor.values(as: Double.self)
    let mean = values.reduce(0, +) / Double(values.count)
    let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 4 * (variance / Double(values.count)).squareRoot())
    #expect(abs(spread / variance - 1) < 0.05)
  }

  @Test func smallCNNHasAboutThirtyThousandParameters() throws {
    let settings = Study.Model(architecture: .cnn, channels: [16, 32, 64])
    let model = try Self.make(settings, ModelShape(inputs: 3, outputs: 7))
    #expect(model.parameters.reduce(0) { $0 + $1.count } == 30_871)
  }

  @Test(arguments: Study.Model.Norm.allCases)
  func imageClassifiersTakeEachNorm(_ norm: Study.Model.Norm) throws {
    for architecture in [Study.Model.Architecture.cnn, .resnet18, .densenet121] {
      let settings = Study.Model(architecture: architecture, channels: [8, 16], norm: norm, dropout: 0.1)
      let model = try Self.make(settings, ModelShape(inputs: 2, outputs: 3))
      let output = try model(Tensor.ones([2, 2, 64, 64]), .training(Generator(seed: 1)))
      #expect(output.shape == [2, 3])
      #expect(try output.isFinite())
    }
  }

  @Test func dropoutActsOnlyWhileTraining() throws {
    let settings = Study.Model(architecture: .mlp, dropout: 0.5, hidden: [64])
    let model = try Self.make(settings, ModelShape(inputs: 4, outputs: 1))
    let input = try Tensor.ones([1, 4])
    let evaluated = try model(input, .evaluation).item()
    #expect(try model(input, .evaluation).item() == evaluated)
    #expect(try model(input, .training(Generator(seed: 1))).item() != evaluated)
  }

  @Test(arguments: [
    (Study.Model(architecture: .unet, channels: [16], strides: []), ModelShape(inputs: 1, outputs: 2)),
    (
      Study.Model(architecture: .unet, channels: [16, 32], strides: [2, 2]), ModelShape(inputs: 1, outputs: 2)
    ),
    (Study.Model(architecture: .mlp), ModelShape(inputs: 1, outputs: 2)),
    (Study.Model(architecture: .cnn), ModelShape(inputs: 1, outputs: 2)),
    (Study.Model(architecture: .resnet50), ModelShape(inputs: 1, outputs: 2, dimensions: 3)),
    (Study.Model(architecture: .linear), ModelShape(inputs: 0, outputs: 2)),
  ])
  func refusesSettingsThatDescribeNoNetwork(_ settings: Study.Model, _ shape: ModelShape) throws {
    let error = #expect(throws: ConsiliumError.self) { try Self.make(settings, shape) }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains(settings.architecture.rawValue) == true)
  }

  /// Runs in a separate process, since the counter covers the whole process.
  @Test func aThousandStepsLeakNothing() async {
    await #expect(processExitsWith: .success) {
      try TorchRuntime.setThreadCount(1)
      let settings = Study.Model(
        architecture: .unet, channels: [2, 4], strides: [2], residualUnits: 1, norm: .batch, dropout: 0.1)
      let model = try Self.make(settings, ModelShape(inputs: 1, outputs: 2))
      let optimizer = try Adam(FlatState(of: model).trainable(), weightDecay: .decoupled(0.01))
      let (input, target) = (try Tensor.ones([1, 1, 4, 4]), try Tensor.zeros([1, 4, 4], dtype: .int64))
      let mode = Mode.training(try Generator(seed: 1))
      func step() throws {
        optimizer.parameters.zeroGrad()
        try DiceCrossEntropyLoss()(model(input, mode), target).backward()
        try optimizer.step(learningRate: 1e-3)
      }
      try step()
      let before = Tensor.liveCount
      for _ in 0..<1000 { try step() }
      #expect(Tensor.liveCount == before)
    }
  }

  /// The gradients of the inner module's two branches cancel before the gradient of the skip connection is
  /// added, as if the inner module were computed separately. In a different order, the 1 would be lost in
  /// 1e8.
  @Test func skipAddsItsGradientToTheSumOfTheInnerPart() throws {
    struct Cancelling: Module {
      func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
        try input * Tensor([1e8 as Float]) + input * Tensor([-1e8 as Float])
      }
    }
    let leaf = try Tensor.ones([1, 1, 2])
    try leaf.setRequiresGrad()
    let input = try leaf * Tensor([1 as Float])
    let output = try SkipConnection(submodule: Cancelling())(input, .evaluation)
    try output.sum().backward()
    #expect(try leaf.grad?.values() == [1, 1])
  }
}
