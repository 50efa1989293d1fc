/// The round whose model is an arm's result, with the reason.
public struct RoundChoice: Sendable, Codable, Equatable {
  /// The reason for the choice.
  public enum Basis: String, Sendable, Codable {
    /// The last round was chosen, because the study says so.
    case last
    /// The round with the best validation score was chosen, because the study says so. The number of
    /// validation units does not matter.
    case best
    /// The last round was chosen, because there are too few validation units to choose by.
    case tooFew = "too-few"
    /// The last round was chosen, because no site reported a validation score.
    case noScore = "no-score"
    /// The last round was chosen, because training ended in the first half of the rounds, which are never
    /// chosen.
    case tooEarly = "too-early"
    /// The last round was chosen, because no earlier round is better by more than one standard error.
    case noise
    /// The latest round whose score is within one standard error of the best score was chosen.
    case score
  }

  /// The round whose model is the result.
  public var round: Int
  /// The last round of the arm.
  public var lastRound: Int
  public var basis: Basis
  /// The number of validation units (such as patients), over all sites, from which the most recent validation
  /// score was computed; 0 if there was no score.
  public var unitCount: Int
  /// The number of validation units of all sites, including those without a score; `nil` in records of
  /// earlier versions.
  public var partCount: Int?

  public init(round: Int, lastRound: Int, basis: Basis, unitCount: Int, partCount: Int? = nil) {
    self.round = round
    self.lastRound = lastRound
    self.basis = basis
    self.unitCount = unitCount
    self.partCount = partCount
  }

  /// The number of units from which the score was computed, as text such as `9 validation patients`. If the
  /// score is not defined on all validation units, the text says so.
  public func units(_ unit: UnitOfAnalysis) -> String {
    guard let partCount, partCount > unitCount else {
      return "\(unitCount) validation \(unit.noun(unitCount))"
    }
    return
      "\(unitCount) of the \(partCount) validation \(unit.plural) (the score is not defined on the others)"
  }

  /// The choice and its reason, such as
  /// `the model of the last round, since 9 validation patients are too few to choose by`.
  public func sentence(_ unit: UnitOfAnalysis) -> String {
    let count = units(unit)
    let last = "the model of the last round"
    switch basis {
    case .last: return "\(last), as the study says"
    case .best: return "the model of round \(round) of \(lastRound), the best on \(count)"
    case .tooFew:
      return "\(last), since \(count) \(unitCount == 1 ? "is" : "are") too few to choose by"
    case .noScore: return "\(last), since no site reported a validation score"
    case .tooEarly: return "\(last), since training ended in the first half of its rounds"
    case .noise: return "\(last): on \(count), no earlier round is better by more than one standard error"
    case .score:
      return
        "the model of round \(round) of \(lastRound), the latest within one standard error of the best on \(count)"
    }
  }
}
