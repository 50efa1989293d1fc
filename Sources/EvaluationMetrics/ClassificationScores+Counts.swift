/// The counts that make up a confusion matrix and a ROC curve.
extension ClassificationScores {
  /// The number of examples with the same predicted probability of a class. Positives belong to this class,
  /// negatives do not.
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

  /// The number of examples for each pair of a true class (row) and a predicted class (column), row by row.
  ///
  /// The counts equal those of scikit-learn's `confusion_matrix`. The predicted class is the most probable
  /// class, or the first of several equally probable classes.
  public var confusion: [Int] {
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (example, label) in labels.enumerated() {
      counts[label * classCount + predictedClass(ofExample: example)] += 1
    }
    return counts
  }

  /// For each count of ``confusion``, the patients of the counted examples.
  public var confusionPatients: [[Int]] {
    var cells = [[Int]](repeating: [], count: classCount * classCount)
    for (example, label) in labels.enumerated() {
      cells[label * classCount + predictedClass(ofExample: example)].append(patients[example])
    }
    return cells
  }

  /// For each count of ``labelCounts``, the patients of the counted examples.
  public var labelPatients: [[Int]] {
    zip(labels, patients).reduce(into: [[Int]](repeating: [], count: classCount)) { $0[$1.0].append($1.1) }
  }

  /// For each element of ``scoreCounts(of:)``, the patients of its positive and of its negative examples.
  public func scorePatients(of positive: Int) -> [(positives: [Int], negatives: [Int])] {
    var patientsOf: [Float: (positives: [Int], negatives: [Int])] = [:]
    for (example, label) in labels.enumerated() {
      let score = probabilities[example * classCount + positive]
      if label == positive {
        patientsOf[score, default: ([], [])].positives.append(patients[example])
      } else {
        patientsOf[score, default: ([], [])].negatives.append(patients[example])
      }
    }
    return patientsOf.sorted { $0.key > $1.key }.map(\.value)
  }

  /// The number of examples of each class.
  public var labelCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[$1] += 1 }
  }

  /// The number of positive and negative examples at each predicted probability of one class, the highest
  /// probability first. The cumulative sums are the points of scikit-learn's `roc_curve` with
  /// `drop_intermediate=False`.
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
