import Foundation

extension Study {
  /// How the learning rate changes from round to round; it is constant within one.
  public struct Schedule: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable { case constant, cosine, step }

    public var name: Name
    /// The first rounds, over which the rate rises linearly.
    public var warmupRounds: Int
    /// Step: multiplies the rate by `factor` after each such number of rounds.
    public var stepRounds: Int?
    /// Step: what the rate is multiplied by.
    public var factor: Double
    /// Cosine: the share of the rate that is left at the end.
    public var finalFraction: Double

    public init(
      name: Name = .constant, warmupRounds: Int = 0, stepRounds: Int? = nil, factor: Double = 0.1,
      finalFraction: Double = 0
    ) {
      self.name = name
      self.warmupRounds = warmupRounds
      self.stepRounds = stepRounds
      self.factor = factor
      self.finalFraction = finalFraction
    }

    private enum CodingKeys: String, CodingKey {
      case name, factor
      case warmupRounds = "warmup-rounds"
      case stepRounds = "step-rounds"
      case finalFraction = "final-fraction"
    }

    /// What the base rate is multiplied by in a round.
    ///
    /// - Parameter round: counted from 0, of `rounds`.
    public func multiplier(inRound round: Int, of rounds: Int) -> Double {
      if round < warmupRounds { return Double(round + 1) / Double(warmupRounds) }
      let after = round - warmupRounds
      switch name {
      case .constant: return 1
      case .step: return pow(factor, Double(after / max(1, stepRounds ?? rounds)))
      case .cosine:
        let span = Double(max(1, rounds - warmupRounds))
        return finalFraction + (1 - finalFraction) * 0.5 * (1 + cos(.pi * Double(after) / span))
      }
    }
  }

  /// The learning rate of a round, counted from 0.
  public func learningRate(inRound round: Int) -> Double {
    training.optimizer.learningRate * training.schedule.multiplier(inRound: round, of: federation.rounds)
  }
}
