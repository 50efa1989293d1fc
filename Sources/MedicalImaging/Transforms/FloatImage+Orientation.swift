extension FloatImage {
  /// The image with its axes reordered and flipped to match an orientation code, such as `LPS`.
  ///
  /// The code's letters are the directions in which x, y and z (columns, rows, slices) increase: `LPS` for
  /// DICOM's axial images, `RAS` for nibabel's canonical orientation. No value is interpolated; an oblique
  /// image stays oblique.
  ///
  /// - Throws: `ImageError.Code.invalidArgument` if the code is not one letter each of L/R, A/P and S/I, or
  ///   if the image is a picture.
  public func reoriented(to code: String) throws(ImageError) -> FloatImage {
    let wanted = try Self.axes(code)
    guard isVolume else {
      throw ImageError(.invalidArgument, "a picture without slices cannot be reoriented to \(code)")
    }
    let closest = geometry.closestAxes()
    // For each new axis: the old axis along the same patient axis, and whether that old axis runs the other
    // way.
    let order = wanted.map { want in closest.firstIndex { $0.patientAxis == want.patientAxis }! }
    let flips = zip(order, wanted).map { closest[$0.0].isPositive != $0.1.isPositive }
    return permuted(order, flips)
  }

  private static func axes(_ code: String) throws(ImageError) -> [Geometry.SignedAxis] {
    let letters: [Character: Geometry.SignedAxis] = [
      "L": (0, true), "R": (0, false), "P": (1, true), "A": (1, false), "S": (2, true), "I": (2, false),
    ]
    let axes = code.uppercased().compactMap { letters[$0] }
    guard code.count == 3, axes.count == 3, Set(axes.map(\.patientAxis)).count == 3 else {
      throw ImageError(
        .invalidArgument,
        "'\(code)' is not an orientation; expected one letter each of L/R, A/P and S/I, such as RAS")
    }
    return axes
  }

  /// The image with its axes reordered: the old axis `order[i]` becomes the new axis `i`, reversed if
  /// `flips[i]`. The third axis of a picture stays.
  func permuted(_ order: [Int], _ flips: [Bool]) -> FloatImage {
    let old = [extents.x, extents.y, extents.z]
    let strides = [1, old[0], old[0] * old[1]]
    let new = order.map { old[$0] }
    var (start, steps) = (0, [0, 0, 0])
    for (axis, from) in order.enumerated() {
      steps[axis] = flips[axis] ? -strides[from] : strides[from]
      if flips[axis] { start += (old[from] - 1) * strides[from] }
    }
    let size = isVolume ? [new[2], new[1], new[0]] : [new[1], new[0]]
    return filled(size: size, geometry: turnedGeometry(order, flips)) { destination, source in
      var to = 0
      for z in 0..<new[2] {
        for y in 0..<new[1] {
          var from = start + z * steps[2] + y * steps[1]
          for _ in 0..<new[0] {
            destination[to] = source[from]
            to += 1
            from += steps[0]
          }
        }
      }
    }
  }

  /// The geometry of ``permuted(_:_:)``, without its voxels.
  func turnedGeometry(_ order: [Int], _ flips: [Bool]) -> Geometry {
    let old = [extents.x, extents.y, extents.z]
    var corner = SIMD3<Double>.zero
    var turned = geometry.reordered(order)
    for axis in 0..<3 where flips[axis] {
      turned.direction[axis] = -turned.direction[axis]
      corner[order[axis]] = Double(old[order[axis]] - 1)
    }
    turned.origin = geometry.position(of: corner)
    return turned
  }
}
