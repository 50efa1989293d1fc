import FederatedCore

/// Client sampling: server and clients, where only some sites train in each round (McMahan et al. 2017).
///
/// Sites are drawn from a seed without replacement, so every site trains within `⌈sites / drawn⌉` rounds, and
/// anyone who knows the seed knows the plan of every round beforehand. McMahan et al. draw each round
/// independently of the others; for drawing without replacement see Cho et al. 2023, *On the convergence of
/// federated averaging with cyclic client participation*.
public struct SampledStar: Topology {
  /// The number of sites to draw from a number of sites.
  private let count: @Sendable (_ sites: Int) -> Int
  private let seed: UInt64

  /// - Parameter count: The number of sites to draw from a number of sites; limited to at least one and at
  ///   most all.
  public init(seed: UInt64, count: @escaping @Sendable (_ sites: Int) -> Int) {
    self.seed = seed
    self.count = count
  }

  public func plan(round: Int, participants: [SiteID]) -> ExchangePlan {
    guard !participants.isEmpty else { return ExchangePlan(stages: []) }
    let size = min(max(1, count(participants.count)), participants.count)
    let rounds = (participants.count + size - 1) / size
    let (pass, place) = (round - 1).quotientAndRemainder(dividingBy: rounds)
    let order = participants.drawn(seed: seed, for: .sampling, round: pass)
    // The last round of a pass may have places left. They go to the first sites of the pass, once more.
    let drawn = Set((0..<size).map { order[(place * size + $0) % order.count] })
    return ExchangePlan(stages: [.init(members: participants.filter(drawn.contains))])
  }
}
