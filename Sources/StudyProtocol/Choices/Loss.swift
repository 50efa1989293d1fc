extension Study.Training {
  public enum Loss: String, Codable, Sendable, CaseIterable {
    case crossEntropy = "cross-entropy"
    case binaryCrossEntropy = "binary-cross-entropy"
    case dice
    /// The sum of Dice loss and cross-entropy.
    case diceCrossEntropy = "dice-ce"
    case focal
    /// The negative Cox partial log-likelihood.
    case cox
  }
}

extension Study.Training.Loss {
  /// A key of `training` that applies to only some losses.
  public enum Setting: String, Sendable, CaseIterable {
    case classWeights = "class-weights"
    case logitAdjustment = "logit-adjustment"
    case absentClasses = "absent-classes"
    case ties
    case diceOver = "dice-over"

    /// The error message for a loss without the setting.
    var refusal: String {
      let losses = Study.Training.Loss.allCases.filter { $0.descriptor.settings.contains(self) }
      let names = English.list(losses.map { "'\($0.rawValue)'" })
      let subject =
        switch self {
        case .classWeights: "class weights are"
        case .logitAdjustment: "logit adjustment is"
        case .absentClasses: "absent classes are"
        case .ties: "ties are"
        case .diceOver: "dice-over is"
        }
      return "\(subject) for the loss\(losses.count == 1 ? "" : "es") \(names)"
    }
  }

  /// The description of a loss, and the tasks and settings that it goes with.
  public struct Descriptor: Sendable {
    public let tasks: [Study.Task]
    public let settings: [Setting]
    /// The loss in words, for the explanation of the study; continues `It learns with …`.
    let words: String
  }

  public var descriptor: Descriptor {
    switch self {
    case .crossEntropy:
      Descriptor(
        tasks: [.segmentation, .classification], settings: [.classWeights, .logitAdjustment, .absentClasses],
        words: "cross-entropy as its measure of error")
    case .binaryCrossEntropy:
      Descriptor(
        tasks: [.segmentation, .classification], settings: [.classWeights],
        words: "binary cross-entropy (as logistic regression does)")
    case .dice:
      Descriptor(
        tasks: [.segmentation], settings: [.diceOver], words: "the Dice overlap as its measure of error")
    case .diceCrossEntropy:
      Descriptor(
        tasks: [.segmentation], settings: [.classWeights, .diceOver],
        words: "Dice overlap and cross-entropy as its measure of error")
    case .focal:
      Descriptor(
        tasks: [.segmentation, .classification], settings: [],
        words: "the focal loss, which focuses on difficult examples")
    case .cox:
      Descriptor(
        tasks: [.survival], settings: [.ties],
        words: "the Cox partial likelihood (proportional hazards)")
    }
  }
}
