import FederatedCore
import StudyProtocol
import Torch

/// The study's loss. It converts the targets of a batch to the form that the loss requires.
struct Criterion {
  private let loss: any Loss
  private let kind: Study.Training.Loss
  private let logitOffsets: Tensor?

  /// - Parameters:
  ///   - classWeights: one per class, or `nil` to weight all equally.
  ///   - logitOffsets: one offset per class, which ``trainingLoss(_:_:on:)`` adds to the logits.
  init(
    _ training: Study.Training, classCount: Int?, classWeights: [Float]?, logitOffsets: [Float]? = nil,
    device: Device
  ) throws {
    kind = training.loss
    self.logitOffsets = try logitOffsets.map { try Tensor($0).to(device) }
    let weights = try classWeights.map { try Tensor($0).to(device) }
    loss =
      switch training.loss {
      case .crossEntropy: CrossEntropyLoss(classWeights: weights)
      case .binaryCrossEntropy:
        // With the weights w0 and w1, a positive weighs w1/w0 times as much as a negative. Without negatives,
        // w0 is 0, and a positive weighs 1.
        BinaryCrossEntropyLoss(
          positiveWeight: try classWeights.map {
            try Tensor([$0[0] > 0 ? $0[1] / $0[0] : 1]).to(device)
          })
      case .dice: DiceLoss(poolsBatch: training.diceOver == .batch)
      case .diceCrossEntropy:
        DiceCrossEntropyLoss(poolsBatch: training.diceOver == .batch, classWeights: weights)
      case .focal: FocalLoss()
      case .cox: CoxLoss(ties: training.ties == .efron ? .efron : .breslow)
      }
  }

  /// Whether the loss compares all examples with each other. The mean of such a loss over batches is then not
  /// the loss of the whole set.
  var needsAllExamples: Bool { kind == .cox }

  /// The number of outputs that the study's loss expects.
  static func outputCount(of study: Study) -> Int {
    switch study.training.loss {
    case .cox, .binaryCrossEntropy: 1
    default: study.classCount ?? 1
    }
  }

  /// The loss that training minimises. The logit offsets, if there are any, are first added to the output.
  /// `nil` if the loss is undefined for the batch.
  func trainingLoss(_ output: Tensor, _ target: Batch.Target, on device: Device) throws -> Tensor? {
    guard let logitOffsets else { return try loss(output, target, on: device) }
    let shape = [1, logitOffsets.count] + Array(repeating: 1, count: output.rank - 2)
    return try loss(output + logitOffsets.reshape(shape), target, on: device)
  }

  /// The loss of the output; `nil` if it is undefined for the batch, as for a survival batch without an
  /// event.
  func loss(_ output: Tensor, _ target: Batch.Target, on device: Device) throws -> Tensor? {
    switch target {
    case .classes(let labels) where kind == .binaryCrossEntropy:
      return try loss(output, Tensor(labels, shape: [labels.count, 1]).to(device))
    case .classes(let labels):
      return try loss(output, Tensor(labels).to(device))
    case .mask(let mask) where kind == .binaryCrossEntropy:
      return try loss(output, Tensor(mask, shape: output.shape).to(device).to(.float32))
    case .mask(let mask):
      let shape = [output.size(0)] + output.shape.dropFirst(2)
      return try loss(output, Tensor(mask, shape: shape).to(device).to(.int64))
    case .survival(let times, let events):
      guard events.contains(where: { $0 > 0 }) else { return nil }
      let pairs = zip(times, events).flatMap { [$0, $1] }
      return try loss(output, Tensor(pairs, shape: [times.count, 2]).to(device))
    }
  }
}
