import FederatedCore

/// How the best round's model is found, and when to stop early: by a metric on the sites' validation parts.
public struct ModelSelection: Sendable, Codable, Equatable {
  /// A metric's name, or `loss`.
  public var metric: String
  public var higherIsBetter: Bool
  /// Ends the arm after as many validations without improvement; nil to run all rounds.
  public var patience: Int?
  /// What counts as an improvement: more than this much better than the best so far.
  public var minimumImprovement: Double

  public init(
    metric: String, higherIsBetter: Bool, patience: Int? = nil, minimumImprovement: Double = 0
  ) {
    (self.metric, self.higherIsBetter) = (metric, higherIsBetter)
    (self.patience, self.minimumImprovement) = (patience, minimumImprovement)
  }

  /// The mean of the metric over the sites where it is defined, weighted by their patients; nil where it is defined at none.
  public func score(of validation: [SiteValidation]) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    for item in validation {
      guard let (value, patients) = value(in: item.evaluation), patients > 0 else { continue }
      sum += value * Double(patients)
      weight += Double(patients)
    }
    return weight > 0 ? sum / weight : nil
  }

  private func value(in evaluation: SiteEvaluation) -> (Double, Int)? {
    if let estimate = evaluation[metric] { return (estimate.value, estimate.patientCount) }
    return metric == "loss" ? evaluation.loss.map { ($0, evaluation.patientCount) } : nil
  }

  /// The selection after a validation of `round`.
  public func update(_ state: SelectionState, round: Int, validation: [SiteValidation]) -> SelectionState {
    guard let score = score(of: validation) else { return state }
    var state = state
    state.score = score
    let gain = state.bestScore.map { higherIsBetter ? score - $0 : $0 - score }
    if gain.map({ $0 > minimumImprovement }) ?? true {
      (state.bestScore, state.bestRound, state.validationsSinceBest) = (score, round, 0)
    } else {
      state.validationsSinceBest += 1
    }
    return state
  }

  /// True where the arm should end early.
  public func shouldStop(_ state: SelectionState) -> Bool {
    patience.map { state.validationsSinceBest >= $0 } ?? false
  }
}

/// Where the selection of the best model stands after a round.
public struct SelectionState: Sendable, Codable, Equatable {
  /// The score of the last validation.
  public var score: Double?
  public var bestScore: Double?
  public var bestRound: Int?
  public var validationsSinceBest = 0

  public init() {}
}
