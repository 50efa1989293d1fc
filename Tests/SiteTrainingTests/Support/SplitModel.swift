import FederatedCore
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// An architecture with its cuts, and a study that trains it on a few examples in memory.
struct SplitModel: Sendable, CustomTestStringConvertible {
  let name: String
  let settings: String
  let cuts: [String]
  /// Channels and sides of an example; only a number of features for a table.
  let shape: [Int]
  var isMask = false
  /// Whether the model is too slow for a test in bf16 on a processor without bf16.
  var isDeep = false

  var isImage: Bool { shape.count > 1 }
  var testDescription: String { name }

  static let mlp = Self(
    name: "mlp", settings: "architecture: mlp, hidden: [8, 7, 6]", cuts: ["hidden1", "hidden2"], shape: [5])
  static let cnn = Self(
    name: "cnn", settings: "architecture: cnn, channels: [8, 8, 16]", cuts: ["level1", "level2"],
    shape: [3, 16, 16])
  static let unet = Self(
    name: "unet", settings: "architecture: unet, channels: [8, 8, 16], residual-units: 1",
    cuts: ["level1", "level2"], shape: [1, 16, 16], isMask: true)
  static let all = [
    mlp, cnn, unet,
    Self(
      name: "cnn-group", settings: "architecture: cnn, channels: [8, 16], norm: group", cuts: ["level1"],
      shape: [3, 16, 16]),
    Self(
      name: "resnet18", settings: "architecture: resnet18", cuts: ["stem", "layer1", "layer2", "layer3"],
      shape: [1, 32, 32], isDeep: true),
    Self(
      name: "densenet121", settings: "architecture: densenet121, norm: group",
      cuts: ["pool0", "transition1", "transition2", "transition3"], shape: [1, 32, 32], isDeep: true),
    Self(
      name: "unet-plain", settings: "architecture: unet, channels: [4, 8], residual-units: 0, norm: batch",
      cuts: ["level1"], shape: [2, 8, 8], isMask: true),
    Self(
      name: "unet-3d", settings: "architecture: unet, channels: [4, 8, 8], residual-units: 2",
      cuts: ["level1", "level2"], shape: [1, 8, 8, 8], isMask: true),
  ]

  func study(_ training: String) throws -> Study {
    let dimensions = shape.count - 1
    let input =
      isImage
      ? "- {name: image, kind: image, role: input, modality: MR, dimensions: \(dimensions), channels: \(shape[0])}"
      : (0..<shape[0]).map {
        "- {name: n\($0), kind: number, role: input, unit: \"1\", range: [-10, 10]}"
      }.joined(separator: "\n  ")
    let target =
      isMask
      ? "- {name: y, kind: mask, role: target, dimensions: \(dimensions), values: {0: background, 1: lesion}}"
      : "- {name: y, kind: category, role: target, values: {0: absent, 1: present}}"
    return try Study(
      yaml: """
        study: {name: halves, version: 1, title: Halves, task: \(isMask ? "segmentation" : "classification"), seed: 5}
        elements:
          \(input)
          \(target)
          - {name: patient, kind: identifier, role: group}
        model: {\(settings)}
        training: {loss: \(isMask ? "dice-ce" : "cross-entropy"), \(training), batch-size: 4, local-steps: 5}
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [\(isMask ? "dice" : "auc")], split: {test: 0.2}}

        """)
  }

  func network(_ study: Study) throws -> Network {
    let outputs = Criterion.outputCount(of: study)
    let shape = ModelShape(inputs: shape[0], outputs: outputs, dimensions: shape.count - 1)
    return try Network(
      module: try ModelRegistry.makeModel(study.model, for: shape, generator: Generator(seed: 3)),
      criterion: try Criterion(
        study.training, classCount: study.classCount, classWeights: nil, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: self.shape.count - 1, on: .cpu),
      batchSize: study.training.batchSize)
  }

  /// What five steps of training leave, in bits.
  struct Outcome: Equatable {
    var losses: [UInt64] = []
    /// The change of all parameters and buffers.
    var change: [UInt32] = []
  }

  /// Trains the whole model, or both halves of it, if `cut` is given, with separate networks.
  func train(
    _ study: Study, at cut: String? = nil, _ corrections: Trainer.Corrections = .init(),
    checking steps: Int? = nil, lie: @escaping (inout StageMessage, _ number: Int) -> Void = { _, _ in },
    frames: (_ sent: [StageMessage], _ received: [StageMessage]) -> Void = { _, _ in }
  ) throws -> Outcome {
    let network = try network(study)
    let global = try network.export()
    var (sent, received): ([StageMessage], [StageMessage]) = ([], [])
    let host = try cut.map { try makeHost(study, at: $0, global: global, corrections) }
    var remote: RemoteMiddle?
    if let cut, let host {
      let modelCut = try ModelCut(cut, of: network, study: study)
      let check = try steps.map {
        HostCheck(steps: $0, own: try makeHost(study, at: cut, global: global, corrections))
      }
      remote = RemoteMiddle(modelCut, arithmetic: network.arithmetic, check: check) {
        (frame: StageMessage) -> StageMessage in
        var reply = try host.reply(to: frame)
        lie(&reply, sent.count)
        sent.append(frame)
        received.append(reply)
        try host.workAfterReply()
        return reply
      }
    }
    let step = try TrainingStep(
      network: network, study: study, learningRate: study.training.optimizer.learningRate, seed: 9,
      global: global, corrections: corrections, remote: remote)
    try remote?.open(exampleShape: shape, offset: corrections.offset)
    var outcome = Outcome()
    for batch in try batches() {
      outcome.losses.append(try #require(try step.take(batch)).bitPattern)
    }
    var delta = try network.export()
    delta.add(global, scaledBy: -1)
    if let remote {
      // The site's copy of the middle is not trained.
      #expect(remote.cut.middleValues(of: delta).withUnsafeValues { $0.allSatisfy { $0 == 0 } })
      try remote.cut.replaceMiddle(of: &delta, by: remote.finish())
    }
    outcome.change = delta.values.map(\.bitPattern)
    frames(sent, received)
    return outcome
  }

  private func makeHost(
    _ study: Study, at cut: String, global: ModelParameters, _ corrections: Trainer.Corrections
  ) throws -> MiddleSession {
    MiddleSession(
      study: study, cut: cut, global: global, learningRate: study.training.optimizer.learningRate,
      proximalStrength: corrections.proximalStrength, device: .cpu)
  }

  private func batches() throws -> [Batch] {
    let generator = try Generator(seed: 21)
    let places = isMask ? shape.dropFirst().reduce(1, *) : 1
    return try (0..<5).map { _ in
      let count = 4
      let input = try Tensor.normal([count] + shape, generator: generator)
      let truth = try Tensor.uniform([count * places], generator: generator).values().map { $0 < 0.4 }
      return Batch(
        inputs: try input.values(), shape: [count] + shape,
        target: isMask ? .mask(truth.map { $0 ? 1 : 0 }) : .classes(truth.map { $0 ? 1 : 0 }))
    }
  }
}
