/// A line of evenly spaced places: the expected positions of the slices or frames of a volume.
struct EvenLine {
  let positions: [SIMD3<Double>]

  /// The mean step between neighbours, from the first to the last position.
  var step: SIMD3<Double> {
    let count = Double(max(positions.count - 1, 1))
    return (positions[positions.count - 1] - positions[0]) / count
  }

  /// The position furthest from its expected place, and its distance from this place; `nil` if every position
  /// is close enough. The limit is a quarter of a step, but at least 0.1 mm.
  ///
  /// Comparing only neighbours would not be enough, since small differences can add up to whole slices.
  var furthest: (index: Int, distance: Double)? {
    let distances = positions.indices.map { (positions[$0] - positions[0] - step * Double($0)).length }
    guard let index = distances.indices.max(by: { distances[$0] < distances[$1] }),
      distances[index] > max(0.1, step.length * 0.25)
    else { return nil }
    return (index, distances[index])
  }
}
