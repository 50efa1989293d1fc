import FederatedCore

/// The updates of one round, for aggregators that sort the values of each coordinate.
///
/// Holds all updates until the end, since the values cannot be sorted before the last update arrives.
struct CoordinateColumns: Sendable {
  private var updates: [ModelParameters] = []
  private var weight = 0.0

  mutating func add(_ update: borrowing ModelUpdate<ModelParameters>) throws(ConsiliumError) {
    try update.checkWeight()
    guard updates.first.map({ $0.layout == update.payload.layout }) ?? true else {
      throw ConsiliumError(otherParametersOf: update)
    }
    updates.append(update.payload)
    weight += update.weight
  }

  /// - Parameters:
  ///   - result: the name of the result, for the error if there are no updates.
  ///   - reduce: computes one number from the values of a coordinate, in ascending order.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there are no updates.
  func aggregate(
    _ result: String, reduce: @Sendable (UnsafeMutableBufferPointer<Float>) -> Float
  ) throws(ConsiliumError) -> Aggregate<ModelParameters> {
    guard let layout = updates.first?.layout else {
      throw ConsiliumError(.invalidUpdate, "there are no updates to take the \(result) of")
    }
    let buffer = ParameterBuffer(unsafeUninitializedCount: layout.count) { target in
      // The target is safe to share here: each range is written by one thread.
      nonisolated(unsafe) let target = target
      forEachRange(of: layout.count) { range in
        reduceColumns(range, into: UnsafeMutableBufferPointer(rebasing: target[range]), reduce)
      }
    }
    return Aggregate(
      payload: ModelParameters(layout: layout, buffer: buffer), totalWeight: weight,
      contributors: updates.count)
  }

  private func reduceColumns(
    _ range: Range<Int>, into target: UnsafeMutableBufferPointer<Float>,
    _ reduce: (UnsafeMutableBufferPointer<Float>) -> Float
  ) {
    let count = updates.count
    // Use one row per coordinate. Copy one update after another, so that each update is read in order.
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
        target[column] = reduce(row)
      }
    }
  }
}
