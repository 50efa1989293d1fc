import FederatedCore

/// Federated averaging with the coordinate-wise median in place of the mean (Yin et al. 2018).
///
/// Withstands fewer than half of the sites sending anything at all. Every site counts the same.
public struct FedMedian: Strategy {
  public init() {}

  public func makeAggregator() -> CoordinateMedian { .init() }
}
