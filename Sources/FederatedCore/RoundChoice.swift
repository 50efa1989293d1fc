/// The round whose model is an arm's result, with the reason.
public struct RoundChoice: Sendable, Codable, Equatable {
  public enum Basis: String, Sendable, Codable {
    /// The study chooses the last round.
    case last
    /// The study chooses the round with the best validation score, however few units the score is from.
    case best
    /// The last round, because there are too few validation units to choose by.
    case tooFew = "too-few"
    /// The last round, because no site reported a validation score.
    case noScore = "no-score"
    /// The last round, because training ended in the first half of the rounds, which are never chosen.
    case tooEarly = "too-early"
    /// The last round, because no earlier round is better by more than one standard error.
    case noise
    /// The latest round whose score is within one standard error of the best score.
    case score
  }

  /// The round whose model is the result.
  public var round: Int
  /// The last round of the arm.
  public var lastRound: Int
  public var basis: Basis
  /// The validation units (patients) of all sites behind the last score; 0 if there was none.
  public var unitCount: Int
  /// The validation units of all sites, including those without a score; `nil` in records of earlier
  /// versions.
  public var partCount: Int?

  public init(round: Int, lastRound: Int, basis: Basis, unitCount: Int, partCount: Int? = nil) {
    self.round = round
    self.lastRound = lastRound
    self.basis = basis
    self.unitCount = unitCount
    self.partCount = partCount
  }

  /// The units behind the score in words, such as `9 validation patients`. If the score is not defined on all
  /// of them, the words say so.
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
