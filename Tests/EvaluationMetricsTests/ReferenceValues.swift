import Foundation
import Testing

/// Results of other packages for small generated examples; see `Fixtures/make_reference_values.py`.
struct ReferenceValues: Decodable {
  struct Segmentation: Decodable, CustomTestStringConvertible {
    var name: String
    var shape: [Int]
    var spacing: [Double]
    var classCount: Int
    var prediction: String
    var truth: String
    var dice: [Double]
    var hausdorff95: [Double?]
    var distances: [Double]?
    var testDescription: String { name }
  }

  struct Classification: Decodable, CustomTestStringConvertible {
    var name: String
    var classCount: Int
    var labels: [Int]
    var probabilities: [Float]
    var values: [String: Double]
    var curve: [[Double]]
    var weights: [Int32]
    var weightedValues: [String: Double]
    var testDescription: String { name }
  }

  struct Survival: Decodable, CustomTestStringConvertible {
    var name: String
    var times: [Double]
    var events: [Bool]
    var risks: [Double]
    var value: Double
    var weights: [Int32]
    var weightedValue: Double
    var testDescription: String { name }
  }

  struct Percentiles: Decodable {
    var numbers: [Double]
    var shares: [Double]
    var values: [Double]
  }

  var segmentation: [Segmentation]
  var classification: [Classification]
  var survival: [Survival]
  var percentiles: Percentiles

  static func load() throws -> Self {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    let data = try Data(contentsOf: folder.appendingPathComponent("reference-values.json"))
    return try JSONDecoder().decode(Self.self, from: data)
  }
}

/// Digits as class labels.
func labels(_ digits: String) -> [UInt8] { digits.utf8.map { $0 - UInt8(ascii: "0") } }

/// SplitMix64, seeded, for tests.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
