/// The area under the ROC curve, computed as the Mann–Whitney statistic: a tie counts as one half (Hanley &
/// McNeil 1982).
///
/// With two classes, the curve is that of the second class. With more classes, each class is compared with
/// all other classes, and the value is the mean of these areas. A class is included only if the sample has
/// both examples of this class and other examples. The area is undefined if there is no such class.
public struct AreaUnderCurve: ResampledMetric {
  private var curves: [Curve]

  public init(_ scores: ClassificationScores) {
    let classes = scores.classCount == 2 ? 1..<2 : 0..<scores.classCount
    curves = classes.map { positive in
      Curve(
        values: scores.labels.indices.map { scores.probabilities[$0 * scores.classCount + positive] },
        isPositive: scores.labels.map { $0 == positive })
    }
  }

  /// - Parameters:
  ///   - values: the score of each example, higher for the finding; finite.
  ///   - isPositive: whether each example has the finding.
  public init(values: [Float], isPositive: [Bool]) {
    curves = [Curve(values: values, isPositive: isPositive)]
  }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? {
    let areas = curves.compactMap { $0.area(weights) }
    return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
  }

  /// The ROC curve of one class against all other classes, with the examples sorted by score.
  private struct Curve {
    /// The indices of the examples, by ascending score.
    private var order: [Int32]
    private var isPositive: [Bool]
    /// For each element of `order`, whether its score equals the score of the element before it.
    private var isTied: [Bool]

    init(values: [Float], isPositive positive: [Bool]) {
      let sorted = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      order = sorted.map(Int32.init)
      isPositive = sorted.map { positive[$0] }
      isTied = sorted.indices.map { $0 > 0 && values[sorted[$0]] == values[sorted[$0 - 1]] }
    }

    func area(_ weights: UnsafeBufferPointer<Int32>) -> Double? {
      // Count the pairs of a positive and a negative example in integers, since this is exact. `twiceWon` is
      // twice the number of pairs in which the positive has the higher score; a tie counts as one half.
      // `below` is the number of negatives with a lower score than the current group of equal scores.
      var (twiceWon, below, tiedNegatives, tiedPositives, positives) = (0, 0, 0, 0, 0)
      for index in order.indices {
        if !isTied[index] {
          twiceWon += tiedPositives * (2 * below + tiedNegatives)
          below += tiedNegatives
          (tiedNegatives, tiedPositives) = (0, 0)
        }
        let weight = Int(weights[Int(order[index])])
        if isPositive[index] {
          tiedPositives += weight
          positives += weight
        } else {
          tiedNegatives += weight
        }
      }
      twiceWon += tiedPositives * (2 * below + tiedNegatives)
      let negatives = below + tiedNegatives
      guard positives > 0, negatives > 0 else { return nil }
      return Double(twiceWon) / (2 * Double(positives) * Double(negatives))
    }
  }
}
