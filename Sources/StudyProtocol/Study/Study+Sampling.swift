import FederatedAlgorithms
import FederatedCore

extension Study {
  /// Client sampling: how many sites train in a round. They are drawn from the study's seed, without
  /// replacement (McMahan et al. 2017; Cho et al. 2023).
  public enum Sampling: Sendable, Equatable {
    /// This many sites.
    case sites(Int)
    /// This fraction of the sites, rounded to whole sites, at least one.
    case fraction(Double)

    /// The number of sites that train in a round of a study with a number of sites.
    public func count(of sites: Int) -> Int {
      switch self {
      case .sites(let count): min(count, sites)
      case .fraction(let fraction): min(max(1, Int((fraction * Double(sites)).rounded())), sites)
      }
    }
  }

  /// The strategy and the topology of a workflow in this study.
  ///
  /// - Parameter sites: All sites of the agreement. Plans follow from them, whoever is absent from a round.
  public func algorithm(of workflow: Workflow, sites: [SiteID]) -> FederatedAlgorithms.Workflow {
    var algorithm = workflow.algorithm()
    switch workflow.name.descriptor.exchange {
    case .ring: algorithm.topology = workflow.order.ring(seed: header.seed)
    case .star:
      if let sampling = federation.sampling {
        algorithm.topology = SampledStar(seed: header.seed) { sampling.count(of: $0) }
      }
    }
    algorithm.topology = AgreedTopology(algorithm.topology, sites: sites)
    return algorithm
  }
}

extension Study.Sampling: Encodable {
  private enum Key: String, CodingKey { case sites, fraction }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: Key.self)
    switch self {
    case .sites(let count): try box.encode(count, forKey: .sites)
    case .fraction(let fraction): try box.encode(fraction, forKey: .fraction)
    }
  }
}

extension Study.Federation {
  /// The smallest number of sites that a round may have.
  ///
  /// - Parameter sites: The number of sites of the study; `nil` if it is not known yet.
  /// - Returns: `nil` if it follows from the number of sites, which is not known yet.
  public func fewestSites(of count: Int?) -> Int? {
    if let fewest = sites.fewest { return fewest }
    switch sampling {
    case .sites(let drawn): return min(drawn, count ?? drawn)
    case .fraction: return count.flatMap { sampling?.count(of: $0) }
    case nil: return count
    }
  }
}
