import FederatedCore
import Foundation
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// One case of `make_references.py`: settings, and PyTorch's results with them.
struct Reference: Decodable {
  struct Model: Decodable {
    let architecture: Study.Model.Architecture
    let inChannels: Int
    let outChannels: Int
    let dimensions: Int?
    let channels: [Int]?
    let strides: [Int]?
    let residualUnits: Int?
    let norm: Study.Model.Norm?
    let hidden: [Int]?
  }

  struct Loss: Decodable {
    let name: String
    let classWeights: [Float]?
    let gamma: Double?
  }

  struct Optimizer: Decodable {
    let name: Study.Optimizer.Name
    let lr: Double
    let momentum: Double?
    let nesterov: Bool?
    let weightDecay: Double?
  }

  struct Entry: Decodable {
    let name: String
    let shape: [Int]
    /// The norm, followed by some of the elements.
    let gradient: [Double]?
    let after: [Double]
  }

  let model: Model
  let input: [Int]
  let loss: Loss
  let optimizer: Optimizer
  let output: [Double]
  let evaluated: [Double]
  let losses: [Double]
  let state: [Entry]

  init(_ name: String) throws {
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures/models"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(contentsOf: file))
  }

  func makeModel() throws -> any Module {
    let settings = Study.Model(
      architecture: model.architecture, channels: model.channels ?? [], strides: model.strides ?? [],
      residualUnits: model.residualUnits ?? 0, norm: model.norm ?? .batch, hidden: model.hidden ?? [])
    let shape = ModelShape(
      inputs: model.inChannels, outputs: model.outChannels, dimensions: model.dimensions ?? 2)
    return try ModelRegistry.makeModel(settings, for: shape, generator: Generator(seed: 1))
  }

  func makeLoss() throws -> any Torch.Loss {
    switch loss.name {
    case "cross-entropy": CrossEntropyLoss(classWeights: try loss.classWeights.map { try Tensor($0) })
    case "binary-cross-entropy": BinaryCrossEntropyLoss()
    case "dice": DiceLoss()
    case "dice-ce": DiceCrossEntropyLoss()
    case "focal": FocalLoss(gamma: try #require(loss.gamma))
    default: CoxLoss(ties: try #require(CoxLoss.Ties(rawValue: String(loss.name.dropFirst(4)))))
    }
  }

  func makeOptimizer(_ parameters: TensorList) throws -> any Torch.Optimizer {
    let decay = optimizer.weightDecay ?? 0
    return switch optimizer.name {
    case .sgd:
      try SGD(
        parameters, momentum: optimizer.momentum ?? 0, nesterov: optimizer.nesterov ?? false,
        weightDecay: decay)
    case .adam: try Adam(parameters, weightDecay: .coupled(decay))
    case .adamw: try Adam(parameters, weightDecay: .decoupled(decay))
    }
  }

  func makeInput() throws -> Tensor {
    try Tensor(PseudoRandom.values(input.reduce(1, *), offset: 5, in: -1.7..<1.7), shape: input)
  }

  /// A target in the form that the loss requires for an output of this shape.
  func makeTarget(_ shape: [Int]) throws -> Tensor {
    let (batch, classes) = (shape[0], shape[1])
    if loss.name.hasPrefix("cox") {
      let times = PseudoRandom.values(batch, offset: 11, in: 1..<6).map { $0.rounded(.down) }
      let events = PseudoRandom.values(batch, offset: 23, in: 0..<1).map { $0 < 0.6 ? Float(1) : 0 }
      return try Tensor(zip(times, events).flatMap { [$0, $1] }, shape: [batch, 2])
    }
    if loss.name == "binary-cross-entropy" {
      let labels = PseudoRandom.values(batch * classes, offset: 11, in: 0..<1).map { $0 < 0.5 ? Float(1) : 0 }
      return try Tensor(labels, shape: [batch, classes])
    }
    let places = [batch] + shape[2...]
    let labels = PseudoRandom.values(places.reduce(1, *), offset: 11, in: 0..<Double(classes))
    return try Tensor(labels.map { Int64(min(Int($0), classes - 1)) }, shape: places)
  }
}

/// The table from which both sides compute weights and data, as in `make_references.py`.
enum PseudoRandom {
  private static let table: [Double] = {
    var stream = RandomStream(seed: 1)
    return (0..<8191).map { _ in stream.nextUnit() }
  }()

  static func values(_ count: Int, offset: Int, in range: Range<Double>) -> [Float] {
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    let scaled = table.map { Float(low + width * $0) }
    var values = Array(scaled[(offset % scaled.count)...])
    values.reserveCapacity(count + scaled.count)
    while values.count < count { values += scaled }
    values.removeLast(values.count - count)
    return values
  }

  /// The starting values of tensor number `ordinal` of a state.
  static func weights(_ name: String, _ shape: [Int], ordinal: Int) -> [Float] {
    let count = shape.reduce(1, *)
    let high =
      (name.hasPrefix("fc") || name.hasPrefix("classifier") ? 0.1 : 1)
      * (6 / Double(count / max(shape[0], 1))).squareRoot()
    let shifted = ["bn1.bias", "bn2.bias", "bn3.bias", "norm1.bias", "norm2.bias"]
    let range: Range<Double> =
      if name.hasSuffix("running_var") {
        0.5..<1.5
      } else if name.hasSuffix("adn.A.weight") {
        0.15..<0.35
      } else if shape.count == 1 && name.hasSuffix("weight") {
        0.4..<0.6
      } else if shifted.contains(where: name.hasSuffix) {
        0.5..<1.0
      } else if shape.count == 1 {
        -0.1..<0.1
      } else {
        -high..<high
      }
    return values(count, offset: 97 * ordinal, in: range)
  }
}
