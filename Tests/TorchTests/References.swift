import Foundation
import Testing
import Torch

/// A tensor in the reference files of `Fixtures/make_references.py`.
struct ReferenceTensor: Decodable {
  var shape: [Int]
  var values: [Double]

  var floats: [Float] { values.map(Float.init) }
  func tensor() throws -> Tensor { try Tensor(floats, shape: shape) }
  /// The values as class indices.
  func classes() throws -> Tensor { try Tensor(values.map { Int64($0) }, shape: shape) }
}

struct LayerReference: Decodable {
  var name: String
  var seed: UInt64
  var dropoutSeed: UInt64
  var state: [String: ReferenceTensor]
  var input: ReferenceTensor
  var output: ReferenceTensor
  var upstream: ReferenceTensor
  var inputGradient: ReferenceTensor
  var gradients: [String: ReferenceTensor]
  var stateAfter: [String: ReferenceTensor]
  var evaluation: ReferenceTensor
}

struct LossReference: Decodable {
  var name: String
  var output: ReferenceTensor
  var target: ReferenceTensor
  var loss: Double
  var gradient: ReferenceTensor
}

struct OptimizerReference: Decodable {
  var name: String
  var start: [ReferenceTensor]
  var rates: [Double]
  var clipNorm: Double
  var gradients: [[ReferenceTensor]]
  var norms: [Double]
  var end: [ReferenceTensor]
}

/// The cases of one reference file by name.
func references<Reference: Decodable>(_ file: String, as type: Reference.Type = Reference.self) throws
  -> [Reference]
{
  let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
  return try JSONDecoder().decode([Reference].self, from: Data(contentsOf: folder.appending(path: file)))
}

/// Expects a tensor to have the reference's shape and, to 1e-5 of the largest value (or of 0.01, where
/// gradients cancel), its values.
func expectEqual(
  _ tensor: Tensor?, _ reference: ReferenceTensor, tolerance: Double = 1e-5, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let tensor = try #require(tensor, "\(what) is missing", sourceLocation: sourceLocation)
  #expect(tensor.shape == reference.shape, "\(what)", sourceLocation: sourceLocation)
  let found = try tensor.values(as: Double.self)
  let scale = max(reference.values.map(abs).max() ?? 0, 1e-2)
  let worst = zip(found, reference.values).map { abs($0 - $1) }.max() ?? 0
  #expect(
    found.count == reference.values.count && worst <= tolerance * scale, "\(what) differs by \(worst)",
    sourceLocation: sourceLocation)
}
