/// An ellipsoid whose axes are parallel to the axes of the head, in mm.
struct Ellipsoid: Sendable {
  var centre: SIMD3<Float>
  var semiaxes: SIMD3<Float>

  init(_ centre: SIMD3<Float>, _ semiaxes: SIMD3<Float>) {
    self.centre = centre
    self.semiaxes = semiaxes
  }

  /// The relative radius of a point: 0 at the centre, 1 on the surface, larger outside.
  func radius(of point: SIMD3<Float>) -> Float {
    let scaled = (point - centre) / semiaxes
    return (scaled * scaled).sum().squareRoot()
  }

  /// The approximate distance of a point to the surface in mm, negative inside. It is exact along the
  /// shortest axis and an underestimate elsewhere.
  func distance(of point: SIMD3<Float>) -> Float { (radius(of: point) - 1) * semiaxes.min() }
}
