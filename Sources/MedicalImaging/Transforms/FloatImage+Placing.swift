extension FloatImage {
  /// This mask on the grid of an image. Each voxel keeps its position in the patient, so axes are reordered
  /// and flipped as needed. Voxels of the image that the mask does not cover are 0.
  ///
  /// Intended for masks whose files cover only a part of the image's grid, such as DICOM segmentations. No
  /// value is interpolated.
  ///
  /// - Throws: `ImageError.Code.inconsistent` if the voxels do not coincide, or if a class occurs outside the
  ///   image.
  public func placed(on image: FloatImage) throws(ImageError) -> FloatImage {
    let own = [extents.x, extents.y, extents.z]
    let target = [image.extents.x, image.extents.y, image.extents.z]
    let start = try Self.whole(
      image.geometry.index(of: geometry.origin), "its first pixel lies between the image's")
    var steps: [[Int]] = []
    for axis in 0..<3 {
      let along = geometry.origin + geometry.direction[axis] * geometry.spacing[axis]
      let step = image.geometry.index(of: along) - image.geometry.index(of: geometry.origin)
      // An axis of one voxel needs no step: a mask of one slice has no slice distance.
      let isUsed = own[axis] > 1
      steps.append(isUsed ? try Self.whole(step, "its pixels are not those of the image") : [0, 0, 0])
      // Allow steps of several slices, since files may omit slices without a class. Rows and columns are
      // never omitted.
      let greatest = axis == 2 ? 64 : 1
      guard
        !isUsed
          || steps[axis].count(where: { $0 != 0 }) == 1 && steps[axis].allSatisfy({ abs($0) <= greatest })
      else {
        throw Self.misplaced("the distances of its pixels or slices differ from the image's")
      }
    }
    var placed = FloatImage(
      values: [Float](repeating: 0, count: image.channelCount), size: image.size, geometry: image.geometry)
    var source = 0
    for z in 0..<own[2] {
      for y in 0..<own[1] {
        for x in 0..<own[0] {
          defer { source += 1 }
          guard values[source] != 0 else { continue }
          let index = (0..<3).map { start[$0] + x * steps[0][$0] + y * steps[1][$0] + z * steps[2][$0] }
          guard (0..<3).allSatisfy({ (0..<target[$0]).contains(index[$0]) }) else {
            throw Self.misplaced("a part of it lies outside of the image")
          }
          placed.values[index[0] + target[0] * (index[1] + target[1] * index[2])] = values[source]
        }
      }
    }
    return placed
  }

  /// Rounds a voxel index to integers. Throws if it is 0.02 voxels or more away from them.
  private static func whole(_ index: SIMD3<Double>, _ fault: String) throws(ImageError) -> [Int] {
    let rounded = index.rounded(.toNearestOrAwayFromZero)
    guard (index - rounded).length < 0.02, rounded.length < 1e6 else { throw misplaced(fault) }
    return (0..<3).map { Int(rounded[$0]) }
  }

  private static func misplaced(_ reason: String) -> ImageError {
    ImageError(
      .inconsistent,
      "the segmentation does not lie on the image's grid: \(reason). Resample it onto the image, or name the image that "
        + "it was drawn on")
  }
}

extension Geometry {
  /// The voxel index, possibly fractional, of an LPS position: the inverse of `position(of:)`.
  func index(of position: SIMD3<Double>) -> SIMD3<Double> {
    let (x, y, z) = (direction.x, direction.y, direction.z)
    let determinant = x.dot(y.cross(z))
    let offset = position - origin
    let scaled: SIMD3<Double> = [offset.dot(y.cross(z)), offset.dot(z.cross(x)), offset.dot(x.cross(y))]
    return scaled / determinant / spacing
  }
}
