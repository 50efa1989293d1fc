/// What a test says beside its metrics: the counts behind ROC curves, confusion matrix and class mix, and single results.
///
/// A list is empty if it does not apply to the task, or if a site's policy keeps it at home.
public struct EvaluationDetails: Sendable, Codable, Equatable {
  /// The test patients (or other units) of each class; of a segmentation, those in whom the class occurs, the background
  /// included.
  public var classCounts: [Int]
  /// The training patients of each class; of a classification only.
  public var trainingClassCounts: [Int]
  /// How many of each true class (row) were given each class (column), row by row.
  public var confusion: [Int]
  /// One for each class that is held against the others; of two classes, the second alone.
  public var curves: [ScoreCurve]
  /// The single results, in the order of their numbers. They never leave a site.
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

/// How often a model stated which probability of one class, for those of the class and for the others.
public struct ScoreCurve: Sendable, Codable, Equatable {
  public struct Bin: Sendable, Codable, Equatable {
    /// The lowest probability of the bin.
    public var low: Double
    /// How many of the class, and how many of the others, were given a probability of the bin.
    public var positives: Int
    public var negatives: Int

    public init(low: Double, positives: Int, negatives: Int) {
      self.low = low
      self.positives = positives
      self.negatives = negatives
    }
  }

  public var classIndex: Int
  /// From the highest probability to the lowest; one bin for each stated probability, or for a range of them.
  public var bins: [Bin]

  public init(classIndex: Int, bins: [Bin]) {
    self.classIndex = classIndex
    self.bins = bins
  }

  public var positives: Int { bins.reduce(0) { $0 + $1.positives } }
  public var negatives: Int { bins.reduce(0) { $0 + $1.negatives } }
}

/// The result on one test patient, who is known by a number that was drawn at random.
public struct CaseResult: Sendable, Codable, Equatable {
  /// From 1; the same for every model of a run.
  public var number: Int
  /// Dice, or the probability that the model stated of the true class: the higher, the better.
  public var value: Double

  public init(number: Int, value: Double) {
    self.number = number
    self.value = value
  }
}
