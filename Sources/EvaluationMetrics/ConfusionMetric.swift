/// Accuracy, balanced accuracy or F1, computed from the number of examples for each pair of true and
/// predicted class.
///
/// Balanced accuracy is the mean sensitivity over the classes that occur in the sample. With two classes, F1
/// is that of the second class. With more classes, it is the mean F1 over the classes that occur as truth or
/// prediction, as by default in scikit-learn.
public struct ConfusionMetric: ResampledMetric {
  public enum Kind: Sendable { case accuracy, balancedAccuracy, f1 }

  private let kind: Kind
  private let classCount: Int
  /// The index of each example in the matrix of counts, row by row: true classes are rows, predicted classes
  /// columns.
  private let cells: [Int]

  public init(_ scores: ClassificationScores, _ kind: Kind) {
    self.kind = kind
    classCount = scores.classCount
    cells = scores.labels.indices.map {
      scores.labels[$0] * scores.classCount + scores.predictedClass(ofExample: $0)
    }
  }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? {
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (cell, weight) in zip(cells, weights) { counts[cell] += Int(weight) }
    let classes = 0..<classCount
    let hits = classes.map { counts[$0 * classCount + $0] }
    let truths = classes.map { row in classes.reduce(0) { $0 + counts[row * classCount + $1] } }
    let predictions = classes.map { column in classes.reduce(0) { $0 + counts[$1 * classCount + column] } }
    switch kind {
    case .accuracy: return Self.ratio(hits.reduce(0, +), truths.reduce(0, +))
    case .balancedAccuracy: return Self.mean(classes.map { Self.ratio(hits[$0], truths[$0]) })
    case .f1:
      let scores = classes.map { Self.ratio(2 * hits[$0], truths[$0] + predictions[$0]) }
      return classCount == 2 ? scores[1] : Self.mean(scores)
    }
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }

  private static func mean(_ values: [Double?]) -> Double? {
    let defined = values.compactMap(\.self)
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }
}
