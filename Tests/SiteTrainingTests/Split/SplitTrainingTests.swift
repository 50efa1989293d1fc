import FederatedCore
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// Training in two halves gives the same bits as whole training: losses, gradients and parameters, after five
/// steps, with separate copies of the network at site and host.
@Suite(.serialized) struct SplitTrainingTests {
  init() throws { try TorchRuntime.setThreadCount(1) }

  static let optimizers = [
    "{name: sgd, learning-rate: 0.05, momentum: 0.9, weight-decay: 0.01}",
    "{name: adamw, learning-rate: 0.01, weight-decay: 0.05}",
  ]

  @Test(arguments: SplitModel.all, optimizers)
  func bothHalvesTrainAsTheWhole(model: SplitModel, optimizer: String) throws {
    // Once is enough for models of many layers: the order of gradients does not depend on the optimizer.
    if model.isDeep, optimizer != Self.optimizers[1] { return }
    for precision in model.isImage && !model.isDeep ? ["fp32", "bf16"] : ["fp32"] {
      let study = try model.study("optimizer: \(optimizer), precision: \(precision)")
      let whole = try model.train(study)
      for cut in model.cuts {
        let divided = try model.train(study, at: cut)
        #expect(divided == whole, "\(model.name) at \(cut) in \(precision)")
      }
    }
  }

  @Test(arguments: [SplitModel.cnn, .unet])
  func clippingAndCorrectionsActOnBothHalves(model: SplitModel) throws {
    let study = try model.study("optimizer: \(Self.optimizers[0]), precision: fp32, gradient-clip: 0.1")
    let layout = try model.network(study).layout
    let offset = try Tensor.uniform([layout.count], low: -0.1, high: 0.1, generator: Generator(seed: 8))
    let corrections = Trainer.Corrections(
      proximalStrength: 0.3, offset: ModelParameters(layout: layout, values: try offset.values()))
    let whole = try model.train(study, corrections)
    #expect(try model.train(study) != whole)
    for cut in model.cuts { #expect(try model.train(study, at: cut, corrections) == whole, "at \(cut)") }
  }

  /// A clip that never acts still needs the norms of both halves.
  @Test func aWideClipChangesNothing() throws {
    let model = SplitModel.mlp
    let plain = try model.study("optimizer: \(Self.optimizers[1])")
    let clipped = try model.study("optimizer: \(Self.optimizers[1]), gradient-clip: 1e6")
    #expect(try model.train(clipped, at: "hidden1") == model.train(plain))
  }

  /// Per step two tensors go down and two come back, and none has the shape of an input or a mask.
  @Test func onlyTensorsAtTheCutCross() throws {
    let model = SplitModel.unet
    let study = try model.study("optimizer: \(Self.optimizers[0]), precision: fp32")
    var (sent, received): ([StageMessage], [StageMessage]) = ([], [])
    _ = try model.train(study, at: "level1", frames: { (sent, received) = ($0, $1) })
    #expect(sent.map(\.kind) == [.open] + (0..<5).flatMap { _ in [.down, .upGradient] } + [.finish])
    #expect(
      received.map(\.kind) == [.opened] + (0..<5).flatMap { _ in [.up, .downGradient] } + [.delta])
    let schema = SplitFrames.schema(mostSteps: 5)
    for (number, frame) in sent.enumerated() { try schema.check(frame: frame, number: number) }
    for reply in received { try schema.check(reply: reply) }
    let shapes = (sent + received).compactMap { $0[.shape] }
    #expect(Set(shapes) == [[4, 8, 8, 8]])
  }

  /// A host that sends another gradient is caught in that step, if the site still compares. The second gradient
  /// is the reply to frame 4.
  @Test(arguments: [(1, false), (2, true), (5, true)])
  func aHostThatSteersIsCaught(steps: Int, isCaught: Bool) throws {
    let model = SplitModel.cnn
    let study = try model.study("optimizer: \(Self.optimizers[0]), precision: fp32, gradient-clip: 0.1")
    let honest = try model.train(study, at: "level1", checking: steps)
    #expect(try honest == model.train(study))
    do {
      let steered = try model.train(study, at: "level1", checking: steps) { reply, number in
        guard number == 4, case .f32(var values)? = reply.tensors[SplitTensor.single] else { return }
        values.withUnsafeMutableValues { values in for index in values.indices { values[index] *= -2 } }
        reply.tensors[SplitTensor.single] = .f32(values)
      }
      #expect(!isCaught && steered != honest)
    } catch let error as ConsiliumError {
      #expect(isCaught && error.code == .invalidUpdate)
    }
  }

  @Test func impossibleCutsAreRefused() throws {
    let study = try SplitModel.unet.study("optimizer: \(Self.optimizers[0])")
    for cut in ["level0", "level3", "layer1", ""] {
      #expect(throws: ConsiliumError.self) { try SplitModel.unet.train(study, at: cut) }
    }
    let linear = try SmallStudy.table()
    let error = #expect(throws: ConsiliumError.self) {
      try ModelCut("hidden1", of: SmallStudy.network(linear), study: linear)
    }
    #expect(error?.message == "the model 'linear' cannot be cut")
    var dropped = study
    dropped.model.dropout = 0.1
    #expect(throws: ConsiliumError.self) {
      try ModelCut("level1", of: SplitModel.unet.network(study), study: dropped)
    }
  }

  /// Cuts are exactly those with a layer on both sides.
  @Test(arguments: SplitModel.all) func theMiddleIsAPartOfTheModel(model: SplitModel) throws {
    let study = try model.study("optimizer: \(Self.optimizers[0])")
    let network = try model.network(study)
    let names = network.layout.entries.map(\.name)
    var middles: [Set<String>] = []
    for cut in model.cuts {
      let middle = try ModelCut(cut, of: network, study: study).middle
      let inner = Set(names.filter(middle.contains))
      #expect(!inner.isEmpty && inner.count < names.count)
      #expect(names.first.map(inner.contains) == false && names.last.map(inner.contains) == false)
      middles.append(inner)
    }
    // Each later cut leaves more at the site.
    for (earlier, later) in zip(middles, middles.dropFirst()) { #expect(later.isStrictSubset(of: earlier)) }
  }
}
