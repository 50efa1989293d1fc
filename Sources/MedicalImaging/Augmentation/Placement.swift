import Glibc

/// A linear map from each voxel of an augmented image to its source in the old image, in millimetres from the
/// image's centre.
struct Placement: Hashable {
  /// The rows of the matrix that maps an offset in the new image to the offset in the old one.
  private var rows: [SIMD3<Double>]

  static let identity = Self(rows: [[1, 0, 0], [0, 1, 0], [0, 0, 1]])

  /// Whether each axis is mirrored; `nil` if the map does more than mirror axes.
  var flips: [Bool]? {
    for (index, row) in rows.enumerated() {
      for axis in 0..<3 where axis == index ? abs(row[axis]) != 1 : row[axis] != 0 { return nil }
    }
    return rows.indices.map { rows[$0][$0] < 0 }
  }

  mutating func flip(_ axis: Int) { multiply(diagonal: axis, -1) }

  mutating func scale(by factor: Double) {
    for axis in 0..<3 { multiply(diagonal: axis, 1 / factor) }
  }

  /// Rotates about an axis.
  mutating func rotate(_ axis: Int, by angle: Double) {
    let (first, second) = ((axis + 1) % 3, (axis + 2) % 3)
    let (cosine, sine) = (cos(angle), sin(angle))
    for index in rows.indices {
      let (a, b) = (rows[index][first], rows[index][second])
      rows[index][first] = a * cosine - b * sine
      rows[index][second] = a * sine + b * cosine
    }
  }

  private mutating func multiply(diagonal axis: Int, _ factor: Double) {
    for index in rows.indices { rows[index][axis] *= factor }
  }

  /// The same map in voxel indices, for an image with this spacing. Element i is the change of the old index
  /// per step along axis i of the new image.
  func indexSteps(spacing: SIMD3<Double>) -> [SIMD3<Double>] {
    (0..<3).map { column in
      SIMD3(rows[0][column], rows[1][column], rows[2][column]) * spacing[column] / spacing
    }
  }
}

extension FloatImage {
  /// The image with its voxels moved. Outside the old image, its outermost values are repeated.
  func placed(_ placement: Placement, _ interpolation: Interpolation) -> FloatImage {
    if let flips = placement.flips { return flipped(flips) }
    let steps = placement.indexSteps(spacing: geometry.spacing)
    let extents = SIMD3(Double(self.extents.x), Double(self.extents.y), Double(self.extents.z))
    let centre = (extents - 1) / 2
    let start = centre - steps[0] * centre.x - steps[1] * centre.y - steps[2] * centre.z
    let sampler = Sampler(extents: self.extents, steps: steps, start: start)
    return filled(size: size, geometry: geometry) { destination, source in
      switch (interpolation, isVolume) {
      case (.nearest, _): sampler.nearest(source, destination)
      case (.linear, false): sampler.bilinear(source, destination)
      case (.linear, true): sampler.trilinear(source, destination)
      }
    }
  }

  /// The image mirrored along those of the axes x, y and z for which `flips` is true. The geometry stays the
  /// same, since only the content moves.
  func flipped(_ flips: [Bool]) -> FloatImage {
    let (width, height, depth) = extents
    return filled(size: size, geometry: geometry) { destination, source in
      for z in 0..<depth {
        for y in 0..<height {
          let from = ((flips[2] ? depth - 1 - z : z) * height + (flips[1] ? height - 1 - y : y)) * width
          let to = (z * height + y) * width
          if flips[0] {
            for x in 0..<width { destination[to + x] = source[from + width - 1 - x] }
          } else {
            for x in 0..<width { destination[to + x] = source[from + x] }
          }
        }
      }
    }
  }
}
