/// Which round's model is an arm's result, and why.
public struct RoundChoice: Sendable, Codable, Equatable {
  public enum Basis: String, Sendable, Codable {
    /// The study takes the last round.
    case last
    /// The study takes the round with the best validation score, however few units it is from.
    case best
    /// Too few validation units to choose by: the last round.
    case tooFew = "too-few"
    /// No site told a validation score: the last round.
    case noScore = "no-score"
    /// Still in the first half of the rounds, of which none is chosen.
    case tooEarly = "too-early"
    /// No earlier round is better by more than one standard error: the last round.
    case noise
    /// The latest round that is within one standard error of the best.
    case score
  }

  /// The round whose model is the result.
  public var round: Int
  /// The last round that was run.
  public var lastRound: Int
  public var basis: Basis
  /// The validation units (patients) of all sites behind the last score; 0 if there was none.
  public var unitCount: Int

  public init(round: Int, lastRound: Int, basis: Basis, unitCount: Int) {
    self.round = round
    self.lastRound = lastRound
    self.basis = basis
    self.unitCount = unitCount
  }

  /// For example `the model of the last round, since 9 validation patients are too few to choose by`.
  public func sentence(_ unit: UnitOfAnalysis) -> String {
    let count = "\(unitCount) validation \(unit.noun(unitCount))"
    let last = "the model of the last round"
    switch basis {
    case .last: return "\(last), as the study says"
    case .best: return "the model of round \(round) of \(lastRound), the best on \(count)"
    case .tooFew:
      return "\(last), since \(count) \(unitCount == 1 ? "is" : "are") too few to choose by"
    case .noScore: return "\(last), since no site told a validation score"
    case .tooEarly: return "\(last), since training ended in the first half of its rounds"
    case .noise: return "\(last): on \(count), no earlier round is better by more than one standard error"
    case .score:
      return
        "the model of round \(round) of \(lastRound), the latest within one standard error of the best on \(count)"
    }
  }
}
