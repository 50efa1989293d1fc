import FederatedCore

/// Federated averaging with the coordinate-wise trimmed mean instead of the mean (Yin et al. 2018, option
/// II).
///
/// Tolerates arbitrary updates from as many sites as are left out at each end of a coordinate's values. All
/// sites have equal weight.
public struct FedTrimmedMean: Strategy {
  /// The share β of the sites whose values are left out at each end.
  public let trim: Double

  /// - Precondition: `trim` is in 0..<0.5.
  public init(trim: Double = 0.2) {
    precondition((0..<0.5).contains(trim), "the share at either end is \(trim)")
    self.trim = trim
  }

  public func makeAggregator() -> TrimmedMean { .init(trim: trim) }
}
