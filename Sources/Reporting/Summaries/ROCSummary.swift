import FederatedCore

/// The points of a ROC curve, from which operating points are chosen.
struct ROCSummary {
  struct Point: Equatable {
    /// The lowest probability at which a patient is classified as positive; infinite if no patient is.
    var threshold: Double
    var truePositives: Int
    var falsePositives: Int
  }

  let positives: Int
  let negatives: Int
  /// The points, from the highest threshold to the lowest. At the first point, no patient is classified as
  /// positive; at the last, every patient is.
  let points: [Point]

  /// - Returns: `nil` unless there are patients both with and without the class.
  init?(_ curve: ScoreCurve) {
    (positives, negatives) = (curve.positives, curve.negatives)
    guard positives > 0, negatives > 0 else { return nil }
    var points = [Point(threshold: .infinity, truePositives: 0, falsePositives: 0)]
    for bin in curve.bins {
      let last = points[points.count - 1]
      points.append(
        Point(
          threshold: bin.low, truePositives: last.truePositives + bin.positives,
          falsePositives: last.falsePositives + bin.negatives))
    }
    self.points = points
  }

  func sensitivity(_ point: Point) -> Double { Double(point.truePositives) / Double(positives) }
  func falsePositiveRate(_ point: Point) -> Double { Double(point.falsePositives) / Double(negatives) }

  /// The curve to draw: the false positive rate (x) and the sensitivity (y) of each point.
  var line: [(x: Double, y: Double)] { points.map { (falsePositiveRate($0), sensitivity($0)) } }

  /// The point with the highest threshold at which the sensitivity is at least `least`.
  func point(sensitivityAtLeast least: Double) -> Point? { points.first { sensitivity($0) >= least } }

  /// The point with the lowest threshold that is at least `threshold`.
  func point(atOrAbove threshold: Double) -> Point? { points.last { $0.threshold >= threshold } }
}

/// A proportion with Wilson's score interval (Wilson 1927), which is reliable for small counts and for
/// proportions near 0 and 1.
struct CountedShare: Equatable {
  var hits: Int
  var count: Int

  /// Returns `nil` if the total is 0.
  func estimate(confidence: Double) -> SummaryEstimate? {
    guard count > 0 else { return nil }
    let (n, z) = (Double(count), Self.quantile(confidence))
    let share = Double(hits) / n
    let centre = share + z * z / (2 * n)
    let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    var estimate = SummaryEstimate(value: share, replicates: [], confidence: confidence)
    estimate.low = max(0, (centre - spread) / (1 + z * z / n))
    estimate.high = min(1, (centre + spread) / (1 + z * z / n))
    return estimate
  }

  /// The standard normal quantile for a two-sided interval, such as 1.96 for 95 %, found by bisection.
  private static func quantile(_ confidence: Double) -> Double {
    var (low, high) = (0.0, 10.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if NormalDistribution.cumulative(middle) < (1 + confidence) / 2 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
