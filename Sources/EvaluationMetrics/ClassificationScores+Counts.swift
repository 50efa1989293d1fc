/// The counts behind a confusion matrix and a ROC curve.
extension ClassificationScores {
  /// How many of one class, and how many of the others, were given one probability of the class.
  public struct ScoreCount: Sendable, Equatable {
    public var score: Float
    public var positives: Int
    public var negatives: Int

    public init(score: Float, positives: Int, negatives: Int) {
      self.score = score
      self.positives = positives
      self.negatives = negatives
    }
  }

  /// How many examples of each true class (row) were given each class (column), row by row.
  ///
  /// As scikit-learn's `confusion_matrix` with the class of the highest probability; the first of equals.
  public var confusion: [Int] {
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (example, label) in labels.enumerated() {
      counts[label * classCount + predictedClass(ofExample: example)] += 1
    }
    return counts
  }

  /// How many examples have each class.
  public var labelCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[$1] += 1 }
  }

  /// The examples by the stated probability of one class, from the highest to the lowest. Running sums are the points of
  /// scikit-learn's `roc_curve` with `drop_intermediate=False`.
  public func scoreCounts(of positive: Int) -> [ScoreCount] {
    var counts: [Float: (positives: Int, negatives: Int)] = [:]
    for (example, label) in labels.enumerated() {
      let score = probabilities[example * classCount + positive]
      if label == positive {
        counts[score, default: (0, 0)].positives += 1
      } else {
        counts[score, default: (0, 0)].negatives += 1
      }
    }
    return counts.sorted { $0.key > $1.key }.map {
      ScoreCount(score: $0.key, positives: $0.value.positives, negatives: $0.value.negatives)
    }
  }
}
