import FederatedCore

/// The median of each coordinate over the updates, whatever their weights (Yin et al. 2018); with an even number of
/// updates the mean of the middle two.
///
/// Holds all updates until the end, as a median must.
public struct CoordinateMedian: Aggregator {
  private var updates: [ModelParameters] = []
  private var weight = 0.0

  public init() {}

  public mutating func add(_ update: borrowing ModelUpdate<ModelParameters>) throws(ConsiliumError) {
    try update.checkWeight()
    guard updates.first.map({ $0.layout == update.payload.layout }) ?? true else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(update.site)' in round \(update.round) has other parameters than those before it"
      )
    }
    updates.append(update.payload)
    weight += update.weight
  }

  public consuming func finish() throws(ConsiliumError) -> Aggregate<ModelParameters> {
    guard let layout = updates.first?.layout else {
      throw ConsiliumError(.invalidUpdate, "there are no updates to take the median of")
    }
    let updates = updates
    let median = ParameterBuffer(unsafeUninitializedCount: layout.count) { target in
      // The target is safe to share here: each range is written by one thread.
      nonisolated(unsafe) let target = target
      forEachRange(of: layout.count) { range in
        Self.median(of: updates, in: range, into: UnsafeMutableBufferPointer(rebasing: target[range]))
      }
    }
    return Aggregate(
      payload: ModelParameters(layout: layout, buffer: median), totalWeight: weight,
      contributors: updates.count)
  }

  private static func median(
    of updates: [ModelParameters], in range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    let count = updates.count
    // One row a coordinate, filled update by update so that each is read in order.
    var columns = [Float](repeating: 0, count: count * range.count)
    for (row, update) in updates.enumerated() {
      update.buffer.withUnsafeValues { values in
        for (column, i) in range.enumerated() { columns[column * count + row] = values[i] }
      }
    }
    columns.withUnsafeMutableBufferPointer { columns in
      for column in 0..<range.count {
        var row = UnsafeMutableBufferPointer(rebasing: columns[column * count..<(column + 1) * count])
        row.sort()
        let middle = count / 2
        target[column] = count.isMultiple(of: 2) ? row[middle - 1] / 2 + row[middle] / 2 : row[middle]
      }
    }
  }
}
