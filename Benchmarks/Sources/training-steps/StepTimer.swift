import SiteTraining
import StudyProtocol
import Torch

/// Trains a case's network on one batch and times each step, with exactly the work that the engine does in a
/// step.
struct StepTimer {
  private let model: any Module
  private let optimizer: any Optimizer
  private let loss: any Loss
  private let dtype: DType
  private let format: MemoryFormat
  private let input: Tensor
  private let target: Tensor
  private let mode: Mode

  init(_ benchmark: Case, dtype: DType, format: MemoryFormat) throws {
    let generator = try Generator(seed: 1)
    model = try ModelRegistry.makeModel(benchmark.model, for: benchmark.shape, generator: generator)
    try model.move(to: .cpu, format)
    optimizer = try Adam(FlatState(of: model).trainable(), weightDecay: .decoupled(0.01))
    let isSegmentation = benchmark.model.architecture == .unet
    loss = isSegmentation ? DiceCrossEntropyLoss() : CrossEntropyLoss()
    self.dtype = dtype
    self.format = format
    input = try Tensor.normal([benchmark.batch, benchmark.inputs] + benchmark.size, generator: generator)
    let targets = [benchmark.batch] + (isSegmentation ? benchmark.size : [])
    let high = Double(benchmark.outputs) - 1e-3
    target = try Tensor.uniform(targets, low: 0, high: high, generator: generator).to(.int64)
    mode = .training(generator)
  }

  /// The seconds of each of `count` steps, and the last loss.
  func run(_ count: Int) throws -> (seconds: [Double], loss: Double) {
    var seconds: [Double] = []
    var last = Double.nan
    let clock = ContinuousClock()
    for _ in 0..<count {
      let duration = try clock.measure { last = try step() }
      seconds.append(duration / .seconds(1))
    }
    return (seconds, last)
  }

  private func step() throws -> Double {
    let batch = try input.contiguous(in: format)
    let output = try autocast(to: dtype) { () throws(TorchError) in try model(batch, mode) }.to(.float32)
    let value = try loss(output, target)
    optimizer.parameters.zeroGrad()
    try value.backward()
    try optimizer.step(learningRate: 1e-3)
    return try value.item()
  }
}
