import FederatedCore
import StudyProtocol
import Torch

/// The study's model on its device, with the study's loss. Loads and exports parameters, and computes
/// outputs.
final class Network {
  let module: any Module
  let state: FlatState
  let layout: ParameterLayout
  let criterion: Criterion
  let arithmetic: Arithmetic
  private let batchSize: Int

  /// - Parameter module: the model with its initial weights, still on the CPU.
  init(module: any Module, criterion: Criterion, arithmetic: Arithmetic, batchSize: Int) throws {
    try module.move(to: arithmetic.device, arithmetic.format)
    self.module = module
    self.criterion = criterion
    self.arithmetic = arithmetic
    self.batchSize = batchSize
    state = try FlatState(of: module)
    layout = ParameterLayout(
      entries: state.entries.map {
        .init(name: $0.name, shape: $0.tensor.shape, role: $0.role == .trainable ? .trainable : .buffer)
      })
  }

  func load(_ parameters: ModelParameters) throws {
    guard parameters.layout == layout else {
      throw ConsiliumError(.invalidUpdate, "the received model does not have the layout of the study's model")
    }
    try parameters.buffer.withUnsafeValues { try state.load(from: $0) }
  }

  func export() throws -> ModelParameters {
    let buffer = try ParameterBuffer(unsafeUninitializedCount: layout.count) { try state.export(to: $0) }
    return ModelParameters(layout: layout, buffer: buffer)
  }

  /// The model's output for a batch, converted to 32-bit floats.
  ///
  /// - Parameter remote: The middle of the model at a host; `nil` if the whole model runs here.
  func output(for batch: Batch, _ mode: Mode, around remote: RemoteMiddle? = nil) throws -> Tensor {
    let input = try Tensor(batch.inputs, shape: batch.shape).to(arithmetic.device)
      .contiguous(in: arithmetic.format)
    // Evaluate in full precision: bf16 would produce ties between scores that ranking metrics distinguish.
    let dtype: DType = mode.isTraining ? arithmetic.trainingType : .float32
    return try autocast(to: dtype, on: arithmetic.device) { () throws(TorchError) in
      guard let remote else { return try module(input, mode) }
      return try remote.output(of: input, mode)
    }.to(.float32)
  }

  /// Calls `body` with each batch of the examples and the model's output for it. The examples are in order
  /// and not augmented.
  func evaluate(
    _ indices: [Int], of source: any ExampleSource, _ body: (Batch, NetworkOutput) throws -> Void
  ) throws {
    // A survival loss compares all patients with each other, so they form one batch.
    let size = criterion.needsAllExamples ? max(1, indices.count) : batchSize
    let loader = BatchLoader(
      source: source, orders: BatchLoader.Order.evaluation(of: indices, batchSize: size))
    try noGrad {
      try loader.forEach { batch in
        let logits = try output(for: batch, .evaluation)
        let loss = try criterion.loss(logits, batch.target, on: arithmetic.device)?.item() ?? .nan
        try body(batch, NetworkOutput(logits: logits, loss: loss))
      }
    }
  }
}

/// The model's output for one batch.
struct NetworkOutput {
  let logits: Tensor
  /// The loss; NaN if it is undefined for the batch.
  let loss: Double

  /// The most likely class of each example, pixel or voxel.
  func labels() throws -> [UInt8] {
    guard logits.size(1) == 1 else { return try logits.argmax(1).to(.uint8).values(as: UInt8.self) }
    return try values().map { $0 > 0 ? 1 : 0 }
  }

  /// The probability of each class, example by example.
  func probabilities(classCount: Int) throws -> [Float] {
    guard logits.size(1) == 1 else { return try finite(logits.softmax(1)) }
    return try finite(logits.sigmoid()).flatMap { [1 - $0, $0] }
  }

  func values() throws -> [Float] { try finite(logits) }

  private func finite(_ tensor: Tensor) throws -> [Float] {
    let values: [Float] = try tensor.values()
    guard values.allSatisfy(\.isFinite) else {
      throw ConsiliumError(Divergence(.output))
    }
    return values
  }
}
