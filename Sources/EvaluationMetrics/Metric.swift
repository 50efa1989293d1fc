/// A measure of a model's performance, identified by its name in study files and reports.
public enum Metric: String, Sendable, Codable, CaseIterable {
  case dice
  case hausdorff95
  case auc
  case accuracy
  case balancedAccuracy = "balanced-accuracy"
  case f1
  case calibrationError = "calibration"
  case brier
  case concordance = "c-index"

  public enum Task: String, Sendable, Codable { case segmentation, classification, survival }

  /// The kind of study that the metric is for.
  public var task: Task {
    switch self {
    case .dice, .hausdorff95: .segmentation
    case .auc, .accuracy, .balancedAccuracy, .f1, .calibrationError, .brier: .classification
    case .concordance: .survival
    }
  }

  /// Whether a larger value means a better model.
  public var higherIsBetter: Bool {
    switch self {
    case .hausdorff95, .calibrationError, .brier: false
    default: true
    }
  }

  /// The unit of the value; empty for a metric without a unit.
  public var unit: String { self == .hausdorff95 ? "mm" : "" }

  /// The name in the headings of reports.
  public var title: String {
    switch self {
    case .dice: "Dice"
    case .hausdorff95: "Hausdorff distance 95 %"
    case .auc: "AUC"
    case .accuracy: "Accuracy"
    case .balancedAccuracy: "Balanced accuracy"
    case .f1: "F1"
    case .calibrationError: "Calibration error"
    case .brier: "Brier score"
    case .concordance: "C-index"
    }
  }

  /// An explanation of the metric for a physician, in plain words.
  ///
  /// - Parameters:
  ///   - unit, units: the unit of analysis, such as `patient` and `patients`.
  public func explanation(unit: String = "patient", units: String = "patients") -> String {
    switch self {
    case .dice:
      "The overlap of the predicted and the true region, computed for each \(unit) and averaged: 1 is perfect, 0 is no overlap. If both are empty, it is 1."
    case .hausdorff95:
      "The largest distance between the two outlines in millimetres, ignoring the worst 5 %. Left out are \(units) for which either region is empty."
    case .auc:
      "The probability that a \(unit) with the finding gets a higher score than one without: 0.5 is chance, 1 is perfect; with more than two classes, the mean over classes against the rest."
    case .accuracy: "The share of \(units) whose class is predicted correctly."
    case .balancedAccuracy:
      "The share of \(units) whose class is predicted correctly, computed for each class and averaged, so that rare classes count as much as common ones."
    case .f1:
      "The harmonic mean of precision and sensitivity; with more than two classes, the mean over classes."
    case .calibrationError:
      "The mean difference between stated probabilities and observed frequencies, over ten bins: 0 is perfect."
    case .brier:
      "The mean squared difference between stated probabilities and the true outcome: 0 is perfect."
    case .concordance:
      "The share of comparable pairs of \(units) in which the one who had the event earlier was given the higher risk: 0.5 is chance, 1 is perfect (Harrell)."
    }
  }
}
