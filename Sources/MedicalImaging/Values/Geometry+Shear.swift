import Glibc

extension Geometry {
  /// The largest deviation of the angles between the index axes from a right angle, in degrees.
  ///
  /// CT with a tilted gantry shifts each slice sideways from the one before, so that the volume is sheared.
  public var shear: Double {
    let cosines = [direction.x.dot(direction.y), direction.x.dot(direction.z), direction.y.dot(direction.z)]
    return cosines.map { asin(min(1, abs($0))) * 180 / .pi }.max() ?? 0
  }
}
