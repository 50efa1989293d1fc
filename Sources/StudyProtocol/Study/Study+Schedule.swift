import Foundation

extension Study {
  /// The learning rate's change from round to round; it is constant within a round.
  public struct Schedule: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable { case constant, cosine, step }

    public var name: Name
    /// The number of rounds at the start over which the rate rises linearly.
    public var warmupRounds: Int
    /// For `step`: the number of rounds from one multiplication of the rate by `factor` to the next.
    public var stepRounds: Int?
    /// For `step`: the number by which the rate is multiplied.
    public var factor: Double
    /// For `cosine`: the fraction of the rate that remains at the end.
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

    /// The factor by which the base learning rate is multiplied in a round.
    ///
    /// - Parameter round: The round, counted from 0; below `rounds`.
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
