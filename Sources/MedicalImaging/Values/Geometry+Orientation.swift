extension Geometry {
  /// The letters of the directions in which x, y and z increase, such as `LPS`. An oblique axis has the
  /// letter of the nearest direction.
  public var orientation: String {
    let letters = [("L", "R"), ("P", "A"), ("S", "I")]
    return closestAxes().map { $0.isPositive ? letters[$0.patientAxis].0 : letters[$0.patientAxis].1 }
      .joined()
  }

  /// A patient axis (0 left, 1 posterior, 2 superior) and whether an index axis runs along it or against it.
  typealias SignedAxis = (patientAxis: Int, isPositive: Bool)

  /// The patient axis nearest to each index axis. Each patient axis is used once; the pair with the smallest
  /// angle is matched first.
  func closestAxes() -> [SignedAxis] {
    var result = [SignedAxis](repeating: (0, true), count: 3)
    var (freeIndex, freePatient) = (Set(0..<3), Set(0..<3))
    while !freeIndex.isEmpty {
      let pairs = freeIndex.sorted().flatMap { index in freePatient.sorted().map { (index, $0) } }
      let strength = { (pair: (Int, Int)) in abs(direction[pair.0][pair.1]) }
      let best = pairs.max { strength($0) < strength($1) }!
      result[best.0] = (best.1, direction[best.0][best.1] >= 0)
      freeIndex.remove(best.0)
      freePatient.remove(best.1)
    }
    return result
  }
}
