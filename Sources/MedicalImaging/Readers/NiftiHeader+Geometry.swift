extension NiftiHeader {
  /// Spacing, origin and direction, in LPS millimetres. They come from the sform, or from the qform if there
  /// is no sform.
  ///
  /// An sform that is zero, singular or not a number is ignored. If such an sform is the only declared form,
  /// no part of the geometry counts as stated. If no form is declared, only the voxel spacing counts as
  /// stated. As in nibabel, x then runs to the patient's left, and the image is centred on the origin.
  ///
  /// - Throws: `ImageError.Code.malformed` if the qform is not a rotation, or its offset is not a number.
  func geometry() throws(ImageError) -> Geometry {
    if sformCode > 0, isUsable(affineRows) { return affineGeometry() }
    if qformCode > 0 { return try quaternionGeometry() }
    var geometry = centred()
    if sformCode > 0 { geometry.stated = [] }
    return geometry
  }

  /// The millimetres per unit of length; 1 if the file omits the unit, as many files do. `nil` for a code
  /// that is not in the standard.
  private var millimetresPerUnit: Double? {
    switch unitCode & 7 {
    case 0, 2: 1
    case 1: 1000
    case 3: 0.001
    default: nil
    }
  }

  /// Whether an sform with these rows gives each voxel a position of its own. Every axis with several voxels
  /// needs a non-zero column. An axis with one voxel, such as the third axis of a picture, does not.
  private func isUsable(_ rows: [[Double]]) -> Bool {
    guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return false }
    let columns = (0..<3).map { SIMD3(rows[0][$0], rows[1][$0], rows[2][$0]) }
    guard columns.indices.allSatisfy({ columns[$0].length > 0 || extent($0) == 1 }) else { return false }
    // Check that the axes are not in one plane, where voxels could share a position.
    let used = columns.filter { $0.length > 0 }.map { $0 / $0.length }
    switch used.count {
    case 3: return abs(used[0].cross(used[1]).dot(used[2])) > 1e-6
    case 2: return used[0].cross(used[1]).length > 1e-6
    default: return used.count == 1
    }
  }

  private func extent(_ axis: Int) -> Int { axis < dimensions.count ? dimensions[axis] : 1 }

  private func statesZoom(_ axis: Int) -> Bool {
    axis < dimensions.count && pixdim[axis + 1].isFinite && pixdim[axis + 1] != 0
  }

  private var zooms: [Double] { (0..<3).map { statesZoom($0) ? abs(pixdim[$0 + 1]) : 1 } }

  private var statedZooms: Geometry.Stated {
    (0..<3).reduce(into: []) { if statesZoom($1) { $0.insert(.spacing(along: $1)) } }
  }

  private func centred() -> Geometry {
    let zooms = zooms
    let half = (0..<3).map { Double(extent($0) - 1) / 2 * zooms[$0] }
    return ras(
      columns: .init(x: [-zooms[0], 0, 0], y: [0, zooms[1], 0], z: [0, 0, zooms[2]]),
      origin: [half[0], -half[1], -half[2]], stated: statedZooms)
  }

  private func affineGeometry() -> Geometry {
    func column(_ index: Int) -> SIMD3<Double> {
      [affineRows[0][index], affineRows[1][index], affineRows[2][index]]
    }
    var stated: Geometry.Stated = [.direction, .origin]
    for axis in 0..<3 where column(axis).length > 0 { stated.insert(.spacing(along: axis)) }
    return ras(columns: .init(x: column(0), y: column(1), z: column(2)), origin: column(3), stated: stated)
  }

  private func quaternionGeometry() throws(ImageError) -> Geometry {
    let (b, c, d) = (quaternion[0], quaternion[1], quaternion[2])
    let rest = 1 - (b * b + c * c + d * d)
    guard rest > -1e-5 else {
      throw ImageError(.malformed, "its qform quaternion is not of unit length")
    }
    guard quaternion[3...5].allSatisfy(\.isFinite) else {
      throw ImageError(.malformed, "its qform offset holds values that are not numbers")
    }
    // Treat a remainder below three rounding errors of 32-bit floats as zero. Its square root would be a
    // false rotation of the image.
    let a = rest < 3.6e-7 ? 0 : rest.squareRoot()
    let qfac: Double = pixdim[0] < 0 ? -1 : 1
    let zooms = zooms
    let x: SIMD3<Double> = [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)]
    let y: SIMD3<Double> = [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)]
    let z: SIMD3<Double> = [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c]
    var geometry = ras(
      columns: .init(x: x * zooms[0], y: y * zooms[1], z: z * (zooms[2] * qfac)),
      origin: [quaternion[3], quaternion[4], quaternion[5]],
      stated: statedZooms.union([.direction, .origin]))
    // Allow for a large rounding error near 180°, as in most axial images: `a` is then the square root of a
    // rounding error.
    let noise = 3.6e-7
    geometry.directionError = 2 * min(noise.squareRoot(), noise / (2 * max(a, 1e-9)))
    return geometry
  }

  /// The geometry, in LPS millimetres, of an affine map in RAS and the file's unit. RAS has the opposite x
  /// and y direction.
  private func ras(columns: Geometry.Direction, origin: SIMD3<Double>, stated: Geometry.Stated) -> Geometry {
    let scale = millimetresPerUnit ?? 1
    let flip: SIMD3<Double> = [-scale, -scale, scale]
    var geometry = Geometry(
      columns: .init(x: columns.x * flip, y: columns.y * flip, z: columns.z * flip), origin: origin * flip,
      stated: stated)
    if millimetresPerUnit == nil { geometry.stated.subtract([.spacing, .origin]) }
    return geometry
  }
}
