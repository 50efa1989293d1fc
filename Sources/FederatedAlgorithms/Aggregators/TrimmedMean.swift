import FederatedCore

/// The trimmed mean of each coordinate (Yin et al. 2018): the mean over the updates after the smallest and
/// the largest values are left out. The weights of the updates have no effect.
///
/// Of `n` updates, `trim · n` are left out at each end, rounded down, as in `scipy.stats.trim_mean`.
public struct TrimmedMean: Aggregator {
  /// The share β of the updates that is left out at each end.
  public let trim: Double
  private var columns = CoordinateColumns()

  /// - Precondition: `trim` is in 0..<0.5, so that at least one update is left.
  public init(trim: Double) {
    precondition((0..<0.5).contains(trim), "the share at either end is \(trim)")
    self.trim = trim
  }

  public mutating func add(_ update: borrowing ModelUpdate<ModelParameters>) throws(ConsiliumError) {
    try columns.add(update)
  }

  public consuming func finish() throws(ConsiliumError) -> Aggregate<ModelParameters> {
    let trim = trim
    return try columns.aggregate("trimmed mean") { values in
      let cut = Int(trim * Double(values.count))
      let kept = values[cut..<values.count - cut]
      return Float(kept.reduce(0.0) { $0 + Double($1) } / Double(kept.count))
    }
  }
}
