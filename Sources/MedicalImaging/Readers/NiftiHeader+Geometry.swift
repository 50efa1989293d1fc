extension NiftiHeader {
  /// Spacing, origin and direction, in LPS: from the sform if there is one, else the qform, else as for Analyze files.
  ///
  /// Without either form, the voxel spacing stands, x runs to the patient's left and the image is centred on the
  /// origin, as nibabel has it.
  func geometry() throws(ImageError) -> Geometry {
    let zooms = (1...3).map { axis in
      axis <= dimensions.count && pixdim[axis].isFinite && pixdim[axis] != 0 ? abs(pixdim[axis]) : 1
    }
    if sformCode > 0 { return affineGeometry() }
    if qformCode > 0 { return try quaternionGeometry(zooms) }
    let extents = (0..<3).map { Double($0 < dimensions.count ? dimensions[$0] : 1) }
    let half = (0..<3).map { (extents[$0] - 1) / 2 * zooms[$0] }
    return ras(
      columns: .init(x: [-zooms[0], 0, 0], y: [0, zooms[1], 0], z: [0, 0, zooms[2]]),
      origin: [half[0], -half[1], -half[2]], isStated: false)
  }

  private func affineGeometry() -> Geometry {
    func column(_ index: Int) -> SIMD3<Double> {
      [affineRows[0][index], affineRows[1][index], affineRows[2][index]]
    }
    return ras(columns: .init(x: column(0), y: column(1), z: column(2)), origin: column(3), isStated: true)
  }

  private func quaternionGeometry(_ zooms: [Double]) throws(ImageError) -> Geometry {
    let (b, c, d) = (quaternion[0], quaternion[1], quaternion[2])
    let rest = 1 - (b * b + c * c + d * d)
    guard rest > -1e-5 else {
      throw ImageError(.malformed, "its qform quaternion is not of unit length")
    }
    let a = max(rest, 0).squareRoot()
    let qfac: Double = pixdim[0] < 0 ? -1 : 1
    let x: SIMD3<Double> = [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)]
    let y: SIMD3<Double> = [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)]
    let z: SIMD3<Double> = [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c]
    return ras(
      columns: .init(x: x * zooms[0], y: y * zooms[1], z: z * (zooms[2] * qfac)),
      origin: [quaternion[3], quaternion[4], quaternion[5]], isStated: true)
  }

  /// NIfTI's coordinates are RAS: x and y run the other way than in LPS.
  private func ras(columns: Geometry.Direction, origin: SIMD3<Double>, isStated: Bool) -> Geometry {
    let flip: SIMD3<Double> = [-1, -1, 1]
    var geometry = Geometry(
      columns: .init(x: columns.x * flip, y: columns.y * flip, z: columns.z * flip), origin: origin * flip)
    geometry.isStated = isStated
    return geometry
  }
}
