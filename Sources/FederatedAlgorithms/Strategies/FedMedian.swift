import FederatedCore

/// Federated averaging with the coordinate-wise median instead of the mean (Yin et al. 2018).
///
/// Tolerates arbitrary updates from fewer than half of the sites. All sites have equal weight.
public struct FedMedian: Strategy {
  public init() {}

  public func makeAggregator() -> CoordinateMedian { .init() }
}
