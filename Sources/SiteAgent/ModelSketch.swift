import FederatedCore

/// A short random projection of a model, from which the distance between two models can be estimated.
///
/// Alon, Matias and Szegedy, "The space complexity of approximating the frequency moments", 1996: every
/// parameter is added to one of 1024 sums with a random sign. The estimate is off by about 5 %.
struct ModelSketch: Sendable, Codable, Equatable {
  private static let size = 1024

  private var sums: [Double]

  init(of model: ModelParameters) {
    var sums = [Double](repeating: 0, count: Self.size)
    model.buffer.withUnsafeValues { values in
      for (index, value) in values.enumerated() {
        let hash = Self.hash(UInt64(index))
        let place = Int(truncatingIfNeeded: hash & UInt64(Self.size - 1))
        sums[place] += hash >> 63 == 0 ? Double(value) : -Double(value)
      }
    }
    self.sums = sums
  }

  /// The estimated L2 distance; `nil` if the other sketch comes from another version.
  func distance(to other: ModelSketch) -> Double? {
    guard sums.count == other.sums.count else { return nil }
    return zip(sums, other.sums).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private static func hash(_ index: UInt64) -> UInt64 {
    var z = (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
