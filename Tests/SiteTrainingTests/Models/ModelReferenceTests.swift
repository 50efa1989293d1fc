import Foundation
import Testing
import Torch

@testable import SiteTraining

/// Compares each model family, loss and optimizer with PyTorch, torchvision and MONAI (see
/// `make_references.py`).
@Suite(.serialized)
struct ModelReferenceTests {
  static let cases = [
    "linear-binary-adam", "linear-breslow-sgd", "mlp-ce-sgd", "mlp-weighted-adamw", "mlp-focal-adam",
    "mlp-binary-sgd", "mlp-efron-sgd", "cnn-ce-adam", "cnn-weighted-sgd", "resnet18", "resnet34", "resnet50",
    "densenet121", "unet-instance", "unet-batch", "unet-group", "unet-plain", "unet-plain-batch", "unet-3d",
    "unet-3d-plain",
  ]

  /// The models that amplify rounding errors: deep ones, and those that normalise few values.
  private static let sensitive: Set = ["resnet34", "resnet50", "densenet121", "unet-group"]

  /// By how much values may differ from the reference. The references were made on a processor with AVX-512. Other
  /// instruction sets sum in another order, and after five steps of a sensitive model the differences are larger.
  /// Losses agree to 1e-5 on every processor.
  private static func tolerance(of name: String) -> Double {
    sensitive.contains(name) && !CPUFeatures.numerical().contains("avx512f") ? 2e-2 : 1e-5
  }

  /// Use one thread, as for the references: with a different number of threads, kernels sum in a different
  /// order.
  init() throws { try TorchRuntime.setThreadCount(1) }

  @Test(arguments: cases)
  func namesAndShapesMatchPyTorch(_ name: String) throws {
    let reference = try Reference(name)
    let state = try reference.makeModel().state
    #expect(state.map(\.name) == reference.state.map(\.name))
    #expect(state.map(\.tensor.shape) == reference.state.map(\.shape))
    #expect(state.map { $0.role == .trainable } == reference.state.map { $0.gradient != nil })
  }

  @Test(arguments: cases)
  func fiveStepsMatchPyTorch(_ name: String) throws {
    let reference = try Reference(name)
    let tolerance = Self.tolerance(of: name)
    let model = try reference.makeModel()
    let flat = try FlatState(of: model)
    try load(flat)
    let optimizer = try reference.makeOptimizer(flat.trainable())
    let (input, loss) = (try reference.makeInput(), try reference.makeLoss())
    let mode = Mode.training(try Generator(seed: 1))
    for step in 0..<5 {
      optimizer.parameters.zeroGrad()
      let output = try model(input, mode)
      let value = try loss(output, reference.makeTarget(output.shape))
      try value.backward()
      #expect(try abs(value.item() / reference.losses[step] - 1) < 1e-5, "loss of step \(step)")
      if step == 0 {
        try compare(output, reference.output, "output", tolerance)
        try compareGradients(model, reference, tolerance)
      }
      try optimizer.step(learningRate: reference.optimizer.lr)
    }
    for (entry, expected) in zip(model.state, reference.state) {
      try compare(entry.tensor, expected.after, expected.name, tolerance)
    }
    try compare(
      noGrad { () throws(TorchError) in try model(input, .evaluation) }, reference.evaluated, "evaluated",
      tolerance)
  }

  private func load(_ flat: FlatState) throws {
    var values: [Float] = []
    values.reserveCapacity(flat.count)
    for (ordinal, entry) in flat.entries.enumerated() {
      values += PseudoRandom.weights(entry.name, entry.tensor.shape, ordinal: ordinal)
    }
    try values.withUnsafeBufferPointer { try flat.load(from: $0) }
  }

  /// A gradient that is zero except for rounding, such as the gradient of a bias before a normalisation, has
  /// no digits to compare, so it only has to be small.
  private func compareGradients(_ model: any Module, _ reference: Reference, _ tolerance: Double) throws {
    let whole = reference.state.reduce(0) { $0 + pow($1.gradient?[0] ?? 0, 2) }.squareRoot()
    let count = reference.state.reduce(0) { $0 + ($1.gradient == nil ? 0 : $1.shape.reduce(1, *)) }
    let typical = whole / Double(count).squareRoot()
    for (entry, expected) in zip(model.state, reference.state) {
      guard let gradient = expected.gradient else { continue }
      let actual = try #require(try entry.tensor.grad, "\(expected.name) has no gradient")
      if gradient[0] < 1e-5 * whole {
        #expect(try actual.norm().item() < 1e-5 * whole, "gradient of \(expected.name)")
      } else {
        try compare(actual, gradient, "gradient of \(expected.name)", tolerance, floor: typical)
      }
    }
  }

  /// Compares the norm and the sampled elements. Each may differ by the tolerance times its value, or of the tensor's
  /// root mean square if that is larger.
  ///
  /// - Parameter floor: the root mean square of the whole gradient. Processors split the sums of a deep model
  ///   differently, and the rounding errors of its large gradients reach the small ones.
  private func compare(
    _ tensor: Tensor, _ expected: [Double], _ what: String, _ tolerance: Double, floor: Double = 0
  ) throws {
    let values = try tensor.values()
    let norm = try tensor.to(.float64).norm().item()
    #expect(abs(norm - expected[0]) <= tolerance * expected[0], "norm of \(what)")
    let scale = max(expected[0] / Double(values.count).squareRoot(), floor)
    let samples = expected.count - 1
    for index in 0..<samples {
      let place = values.count <= samples ? index : index * (values.count - 1) / (samples - 1)
      let wanted = expected[index + 1]
      #expect(
        abs(Double(values[place]) - wanted) <= tolerance * max(abs(wanted), scale),
        "element \(place) of \(what)")
    }
  }
}
