import FederatedCore

/// The median of each coordinate over the updates, regardless of their weights (Yin et al. 2018). With an
/// even number of updates it is the mean of the middle two.
public struct CoordinateMedian: Aggregator {
  private var columns = CoordinateColumns()

  public init() {}

  public mutating func add(_ update: borrowing ModelUpdate<ModelParameters>) throws(ConsiliumError) {
    try columns.add(update)
  }

  public consuming func finish() throws(ConsiliumError) -> Aggregate<ModelParameters> {
    try columns.aggregate("median") { values in
      let middle = values.count / 2
      return values.count.isMultiple(of: 2) ? values[middle - 1] / 2 + values[middle] / 2 : values[middle]
    }
  }
}
