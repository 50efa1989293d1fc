/// Results of a test in addition to its metrics: the counts for ROC curves, for the confusion matrix and for
/// the mix of classes, and the results of single patients.
///
/// A list is empty if it does not apply to the task or if a site's policy withholds it.
public struct EvaluationDetails: Sendable, Codable, Equatable {
  /// The number of test patients (or other units) of each class. In a segmentation, the number of units in
  /// which the class occurs; the background counts as a class.
  public var classCounts: [Int]
  /// The number of training patients of each class; classification only.
  public var trainingClassCounts: [Int]
  /// The number of units by true class (row) and predicted class (column), row by row.
  public var confusion: [Int]
  /// One curve per class, which compares the class with all others. With two classes, only the curve of the
  /// second class.
  public var curves: [ScoreCurve]
  /// The results of single patients, in the order of the patients' numbers. These results never leave a site.
  public var cases: [CaseResult]

  public init(
    classCounts: [Int] = [], trainingClassCounts: [Int] = [], confusion: [Int] = [],
    curves: [ScoreCurve] = [],
    cases: [CaseResult] = []
  ) {
    self.classCounts = classCounts
    self.trainingClassCounts = trainingClassCounts
    self.confusion = confusion
    self.curves = curves
    self.cases = cases
  }

  public var isEmpty: Bool { self == EvaluationDetails() }
}

/// The distribution of the predicted probabilities of one class, for members and for non-members of the
/// class.
public struct ScoreCurve: Sendable, Codable, Equatable {
  public struct Bin: Sendable, Codable, Equatable {
    /// The lowest probability of the bin.
    public var low: Double
    /// The number of members of the class with a probability in the bin.
    public var positives: Int
    /// The number of non-members of the class with a probability in the bin.
    public var negatives: Int

    public init(low: Double, positives: Int, negatives: Int) {
      self.low = low
      self.positives = positives
      self.negatives = negatives
    }
  }

  public var classIndex: Int
  /// The bins, from the highest probability to the lowest. Each covers one predicted probability or a range
  /// of probabilities.
  public var bins: [Bin]

  public init(classIndex: Int, bins: [Bin]) {
    self.classIndex = classIndex
    self.bins = bins
  }

  public var positives: Int { bins.reduce(0) { $0 + $1.positives } }
  public var negatives: Int { bins.reduce(0) { $0 + $1.negatives } }
}

/// The result of one test patient, who is identified only by a number. The numbers are assigned in random
/// order.
public struct CaseResult: Sendable, Codable, Equatable {
  /// The patient's number, counted from 1; equal for every model of a run.
  public var number: Int
  /// The Dice coefficient, or the predicted probability of the true class; higher is better.
  public var value: Double

  public init(number: Int, value: Double) {
    self.number = number
    self.value = value
  }
}
