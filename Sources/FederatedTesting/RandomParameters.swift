import FederatedCore

extension ModelParameters {
  /// Creates random parameters for tests, with values uniform in `range`.
  public static func random(
    _ layout: ParameterLayout, in range: ClosedRange<Float> = -1...1, using generator: inout RandomStream
  ) -> Self {
    ModelParameters(
      layout: layout, values: (0..<layout.count).map { _ in Float.random(in: range, using: &generator) })
  }
}

extension ParameterGroup {
  /// The largest difference between corresponding elements, relative to the largest element.
  public func relativeDistance(to other: Self) -> Double {
    var (distance, size) = (0.0, Double.leastNormalMagnitude)
    for (left, right) in zip(parts, other.parts) {
      for (a, b) in zip(left.values, right.values) {
        distance = max(distance, Double((a - b).magnitude))
        size = max(size, Double(a.magnitude), Double(b.magnitude))
      }
    }
    return distance / size
  }

  /// All values of all parts.
  var allValues: [Float] { parts.flatMap(\.values) }
}
