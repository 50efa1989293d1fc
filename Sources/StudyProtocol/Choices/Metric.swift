import FederatedCore

extension Study {
  public enum Metric: String, Codable, Sendable, CaseIterable {
    /// The Dice coefficient per patient volume, averaged over all classes except the background.
    case dice
    /// The 95th percentile of surface distances, per patient volume.
    case hausdorff95
    /// The area under the ROC curve; with more than two classes, the mean of each class against the rest.
    case auc
    case balancedAccuracy = "balanced-accuracy"
    case f1
    /// The expected calibration error.
    case calibration
    /// Harrell's concordance index.
    case cIndex = "c-index"
    case accuracy
  }
}

extension Study.Metric {
  /// The description of a metric, and the tasks that it goes with.
  public struct Descriptor: Sendable {
    public let tasks: [Study.Task]
    public let higherIsBetter: Bool
    /// The quantity that the metric measures, as a noun phrase.
    public let meaning: String
  }

  public var tasks: [Study.Task] { descriptor().tasks }
  public var higherIsBetter: Bool { descriptor().higherIsBetter }

  /// - Parameter unit: The unit of analysis, such as the patient.
  public func descriptor(of unit: UnitOfAnalysis = .patient) -> Descriptor {
    switch self {
    case .dice:
      Descriptor(
        tasks: [.segmentation], higherIsBetter: true,
        meaning: "the Dice overlap of outline and truth (1 is perfect), per \(unit.singular)")
    case .hausdorff95:
      Descriptor(
        tasks: [.segmentation], higherIsBetter: false,
        meaning: "the 95 % Hausdorff distance between the two surfaces, in mm (0 is perfect)")
    case .auc:
      Descriptor(
        tasks: [.classification], higherIsBetter: true,
        meaning: "the area under the ROC curve (0.5 is chance, 1 is perfect)")
    case .balancedAccuracy:
      Descriptor(
        tasks: [.classification], higherIsBetter: true,
        meaning: "the balanced accuracy, the mean share of each class that is recognised")
    case .f1:
      Descriptor(tasks: [.classification], higherIsBetter: true, meaning: "the F1 score")
    case .calibration:
      Descriptor(
        tasks: [.classification], higherIsBetter: false,
        meaning:
          "the calibration error, how far stated probabilities are from observed frequencies (0 is perfect)")
    case .cIndex:
      Descriptor(
        tasks: [.survival], higherIsBetter: true,
        meaning: "the concordance index, how often the \(unit.singular) at higher risk has the earlier event "
          + "(0.5 is chance, 1 is perfect)")
    case .accuracy:
      Descriptor(tasks: [.classification], higherIsBetter: true, meaning: "the accuracy")
    }
  }
}
