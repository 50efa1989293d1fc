import FederatedCore

/// Computes histograms and percentiles of an image's intensities.
enum Intensities {
  /// For each bin of a grid, the share of the voxels whose values are in it.
  static func profile(_ values: [Float], on grid: StatisticsGrid) -> [Float] {
    let counts = counts(values, low: grid.low, high: grid.high, bins: grid.bins)
    return counts.map { Float($0) / Float(values.count) }
  }

  /// The 1st and the 99th percentile of the values, accurate to a 4096th of their range.
  static func limits(_ values: [Float]) -> PatientValue {
    guard let low = values.min().map(Double.init), let high = values.max().map(Double.init), low < high else {
      return .limits(low: Double(values.first ?? 0), high: Double(values.first ?? 0))
    }
    let bins = 4096
    let counts = counts(values, low: low, high: high, bins: bins)
    func edge(after share: Double) -> Double {
      var total = 0
      for (bin, count) in counts.enumerated() {
        total += count
        if Double(total) >= share * Double(values.count) {
          return low + (high - low) * (Double(bin) + 0.5) / Double(bins)
        }
      }
      return high
    }
    return .limits(low: edge(after: 0.01), high: edge(after: 0.99))
  }

  private static func counts(_ values: [Float], low: Double, high: Double, bins: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    let scale = Float(Double(bins) / (high - low))
    let (start, last) = (Float(low), Float(bins - 1))
    for value in values { counts[Int(min(max((value - start) * scale, 0), last))] += 1 }
    return counts
  }
}
