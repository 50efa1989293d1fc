/// The predictions of a classification model for each example of a test set.
public struct ClassificationScores: Sendable {
  public let classCount: Int
  /// The index of each example's patient.
  public private(set) var patients: [Int] = []
  /// The true class of each example.
  public private(set) var labels: [Int] = []
  /// The predicted probabilities: examples by classes, row by row.
  public private(set) var probabilities: [Float] = []

  /// - Parameter classCount: at least 2. A binary model has two probabilities per example, the second for the
  ///   finding.
  public init(classCount: Int) {
    precondition(classCount >= 2)
    self.classCount = classCount
  }

  /// - Parameters:
  ///   - label: The true class, below `classCount`.
  ///   - probabilities: The predicted probabilities, one finite number per class.
  public mutating func append(patient: Int, label: Int, probabilities: some Collection<Float>) {
    precondition(probabilities.count == classCount && (0..<classCount).contains(label))
    patients.append(patient)
    labels.append(label)
    self.probabilities.append(contentsOf: probabilities)
  }

  public var exampleCount: Int { labels.count }

  /// Estimates each metric. Omits metrics that are undefined on these examples, such as the AUC of a single
  /// class, and metrics of other tasks.
  public func estimates(_ metrics: [Metric], resamples: PatientResamples) -> [Estimate] {
    metrics.compactMap { metric in
      var estimate = resampled(metric)?.estimate(
        named: metric.rawValue, patients: patients, resamples: resamples)
      if metric == .auc { estimate?.caseCount = rarestCount }
      return estimate
    }
  }

  /// The number of patients with an example of the rarest class. With more than two classes, classes without
  /// examples are ignored, as in the AUC.
  private var rarestCount: Int {
    var owners = [Set<Int>](repeating: [], count: classCount)
    for (label, patient) in zip(labels, patients) { owners[label].insert(patient) }
    return owners.map(\.count).filter { classCount == 2 || $0 > 0 }.min() ?? 0
  }

  /// The metric prepared for these examples; `nil` for a metric of a different task.
  public func resampled(_ metric: Metric) -> (any ResampledMetric)? {
    switch metric {
    case .auc: AreaUnderCurve(self)
    case .accuracy: ConfusionMetric(self, .accuracy)
    case .balancedAccuracy: ConfusionMetric(self, .balancedAccuracy)
    case .f1: ConfusionMetric(self, .f1)
    case .calibrationError: CalibrationError(self)
    case .brier: BrierScore(self)
    case .dice, .hausdorff95, .concordance: nil
    }
  }

  /// The class with the highest probability, or the first of several equally probable classes.
  public func predictedClass(ofExample example: Int) -> Int {
    let row = example * classCount
    var best = 0
    for index in 1..<classCount where probabilities[row + index] > probabilities[row + best] { best = index }
    return best
  }
}
