/// The most likely truth behind several binary masks, together with the reliability of each mask.
///
/// Expectation maximisation by Warfield, Zou and Wells (IEEE TMI 2004), without a spatial prior: the prior
/// probability of the foreground is the mean of all decisions.
public struct STAPLE: Sendable {
  /// The probability that each pixel or voxel is foreground.
  public private(set) var probability: [Double] = []
  /// The estimated share of the foreground that each mask finds.
  public private(set) var sensitivity: [Double]
  /// The estimated share of the background that each mask leaves out.
  public private(set) var specificity: [Double]

  private static let start = 0.99999
  private static let mostIterations = 500
  /// The change of every sensitivity and specificity below which the estimate has converged.
  private static let tolerance = 1e-12

  /// - Parameter masks: One array of equal length per mask; at least one mask, and at most
  ///   ``MaskFusion/mostMasks``.
  public init(_ masks: [[Bool]]) {
    precondition((1...MaskFusion.mostMasks).contains(masks.count))
    sensitivity = [Double](repeating: Self.start, count: masks.count)
    specificity = sensitivity
    // Voxels with the same decisions have the same probability, so treat each set of decisions once.
    let decisions = masks[0].indices.map { voxel in
      masks.indices.reduce(UInt64(0)) { $0 | (masks[$1][voxel] ? 1 << UInt64($1) : 0) }
    }
    let counts = Dictionary(decisions.map { ($0, 1.0) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
    let positives = counts.reduce(0.0) { $0 + Double($1.key.nonzeroBitCount) * $1.value }
    let prior = positives / Double(max(1, masks.count * decisions.count))
    var weights = counts.map { _ in prior }
    for _ in 0..<Self.mostIterations where prior > 0 && prior < 1 {
      weights = counts.map { weight(of: $0.key, prior) }
      guard update(counts, weights) >= Self.tolerance else { break }
    }
    let known = Dictionary(uniqueKeysWithValues: zip(counts.map(\.key), weights))
    probability = decisions.map { known[$0] ?? prior }
  }

  /// The probability of the foreground, given the decisions of all masks.
  private func weight(of decisions: UInt64, _ prior: Double) -> Double {
    var (foreground, background) = (prior, 1 - prior)
    for mask in sensitivity.indices {
      let isPositive = decisions >> UInt64(mask) & 1 == 1
      foreground *= isPositive ? sensitivity[mask] : 1 - sensitivity[mask]
      background *= isPositive ? 1 - specificity[mask] : specificity[mask]
    }
    return foreground + background > 0 ? foreground / (foreground + background) : prior
  }

  /// Estimates the masks' reliability anew.
  ///
  /// - Returns: The largest change.
  private mutating func update(_ counts: [(key: UInt64, value: Double)], _ weights: [Double]) -> Double {
    let foreground = zip(counts, weights).reduce(0.0) { $0 + $1.0.value * $1.1 }
    let background = zip(counts, weights).reduce(0.0) { $0 + $1.0.value * (1 - $1.1) }
    var change = 0.0
    for mask in sensitivity.indices {
      var (found, left) = (0.0, 0.0)
      for (count, weight) in zip(counts, weights) {
        if count.key >> UInt64(mask) & 1 == 1 {
          found += count.value * weight
        } else {
          left += count.value * (1 - weight)
        }
      }
      let new = (
        foreground > 0 ? found / foreground : sensitivity[mask],
        background > 0 ? left / background : specificity[mask]
      )
      change = max(change, abs(new.0 - sensitivity[mask]), abs(new.1 - specificity[mask]))
      (sensitivity[mask], specificity[mask]) = new
    }
    return change
  }
}
