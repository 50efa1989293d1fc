import FederatedCore

/// Chooses the round whose model is the result, and when to stop early, by a metric on the sites' validation
/// sets.
///
/// The rule sees only the sites' scores, so a simulation and a run across hospitals choose alike. A resumed
/// run chooses like an uninterrupted run.
public struct ModelSelection: Sendable, Codable, Equatable {
  public enum Rule: String, Sendable, Codable {
    /// The latest round of the arm's second half whose smoothed score is within one standard error of the
    /// best score (the one-standard-error rule, Breiman et al. 1984). With too few validation units, the last
    /// round.
    case auto
    /// The round with the best score, even if few units were scored.
    case best
    /// The last round. The scores do not choose a round, but they can end an arm early.
    case last
  }

  /// A metric's name, or `loss`.
  public var metric: String
  public var higherIsBetter: Bool
  public var rule: Rule
  /// The first round whose score `auto` and `last` use. Earlier scores neither choose a round nor end an arm
  /// early.
  public var minimumRound: Int
  /// The minimum number of validation units over all sites. With fewer units, `auto` does not choose by
  /// score, and no rule ends an arm early.
  public var minimumUnits: Int
  /// Ends the arm after this many validations without improvement; `nil` to run all rounds.
  public var patience: Int?
  /// The amount by which a score must exceed the best score so far to be an improvement.
  public var minimumImprovement: Double

  /// The number of validations that `auto` and `last` average: the round's own and the two before it.
  static let window = 3

  public init(
    metric: String, higherIsBetter: Bool, rule: Rule = .best, minimumRound: Int = 1, minimumUnits: Int = 0,
    patience: Int? = nil, minimumImprovement: Double = 0
  ) {
    self.metric = metric
    self.higherIsBetter = higherIsBetter
    self.rule = rule
    self.minimumRound = minimumRound
    self.minimumUnits = minimumUnits
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// The mean of the metric over the sites for which it is defined, weighted by their patients; `nil` if
  /// there is no such site.
  public func score(of validation: [SiteValidation]) -> Double? { pooled(validation)?.score }

  /// The score, and the number of units from which it was computed.
  private func pooled(_ validation: [SiteValidation]) -> (score: Double, units: Int)? {
    var (sum, units) = (0.0, 0)
    for item in validation {
      guard let (value, patients) = value(in: item.evaluation), patients > 0 else { continue }
      sum += value * Double(patients)
      units += patients
    }
    return units > 0 ? (sum / Double(units), units) : nil
  }

  private func value(in evaluation: SiteEvaluation) -> (Double, Int)? {
    if let estimate = evaluation[metric] { return (estimate.value, estimate.patientCount) }
    return metric == "loss" ? evaluation.loss.map { ($0, evaluation.patientCount) } : nil
  }

  /// The selection after a validation of `round`.
  public func update(_ state: SelectionState, round: Int, validation: [SiteValidation]) -> SelectionState {
    var state = state
    guard let (score, units) = pooled(validation) else {
      if rule != .best { state.take(round, rule == .last ? .last : .noScore) }
      return state
    }
    (state.score, state.unitCount) = (score, units)
    state.partCount = validation.reduce(0) { $0 + $1.evaluation.patientCount }
    switch rule {
    case .best: chooseBest(&state, round)
    case .auto, .last: chooseSmoothed(&state, round)
    }
    return state
  }

  private func chooseBest(_ state: inout SelectionState, _ round: Int) {
    guard let score = state.score else { return }
    if gain(of: score, over: state.bestScore) > minimumImprovement {
      (state.bestScore, state.validationsSinceBest) = (score, 0)
      state.take(round, .best)
    } else if (state.unitCount ?? 0) >= minimumUnits {
      state.validationsSinceBest += 1
    }
  }

  private func chooseSmoothed(_ state: inout SelectionState, _ round: Int) {
    guard let score = state.score, let units = state.unitCount else { return }
    guard units >= minimumUnits, round >= minimumRound else {
      (state.bestScore, state.recentScores, state.validationsSinceBest) = (nil, nil, 0)
      state.take(round, rule == .last ? .last : units < minimumUnits ? .tooFew : .tooEarly)
      return
    }
    // Average only scores of rounds that can be chosen.
    let recent = ((state.recentScores ?? []) + [score]).suffix(Self.window)
    state.recentScores = Array(recent)
    let smoothed = recent.reduce(0, +) / Double(recent.count)
    if gain(of: smoothed, over: state.bestScore) > minimumImprovement {
      (state.bestScore, state.validationsSinceBest) = (smoothed, 0)
    } else {
      state.validationsSinceBest += 1
    }
    let best = state.bestScore ?? smoothed
    let error = Self.standardError(of: best, units: units, isProportion: isProportion)
    if rule == .last {
      state.take(round, .last)
    } else if gain(of: smoothed, over: best) >= -error {
      state.take(round, .noise)
    } else {
      state.basis = .score
    }
  }

  /// The improvement of a score over an earlier score; infinite if there is no earlier score.
  private func gain(of score: Double, over other: Double?) -> Double {
    guard let other else { return .infinity }
    return higherIsBetter ? score - other : other - score
  }

  private var isProportion: Bool { metric != "loss" && metric != "hausdorff95" }

  /// The standard error that is assumed for a score. For a proportion, this is the largest possible one. For
  /// any other score, such as a loss, the standard deviation is taken to be as large as the score.
  static func standardError(of score: Double, units: Int, isProportion: Bool) -> Double {
    isProportion
      ? SmallNumbers.standardError(ofScore: score, count: units)
      : abs(score) / Double(max(units, 1)).squareRoot()
  }

  /// Whether an arm may end before its last round.
  public var mayStopEarly: Bool { patience != nil }

  /// Whether the arm should end early.
  public func shouldStop(_ state: SelectionState) -> Bool {
    patience.map { state.validationsSinceBest >= $0 } ?? false
  }
}

/// The state of the selection after a round.
public struct SelectionState: Sendable, Codable, Equatable {
  /// The score of the last validation.
  public var score: Double?
  /// The best score so far, smoothed unless the rule is `best`.
  public var bestScore: Double?
  /// The round whose model is the result if the arm ends now.
  public var bestRound: Int?
  public var validationsSinceBest = 0
  /// The number of validation units, over all sites, from which `score` was computed.
  public var unitCount: Int?
  /// The number of validation units of all sites, including those without a score.
  public var partCount: Int?
  /// The scores of the last validations; their mean is the smoothed score.
  public var recentScores: [Double]?
  /// The reason for `bestRound`.
  public var basis: RoundChoice.Basis?

  public init() {}

  mutating func take(_ round: Int, _ basis: RoundChoice.Basis) {
    bestRound = round
    self.basis = basis
  }

  /// The round whose model is the result, and the reason, if the arm ends after `round`.
  public func choice(lastRound round: Int) -> RoundChoice {
    RoundChoice(
      round: bestRound ?? round, lastRound: round, basis: basis ?? .last, unitCount: unitCount ?? 0,
      partCount: partCount)
  }

  /// Whether `round` was chosen by the rule `best`, because of its score. Always false under the other rules,
  /// which usually choose the latest round, whatever its score.
  public func isBestByScore(_ round: Int) -> Bool {
    bestRound == round && (basis == nil || basis == .best)
  }
}
