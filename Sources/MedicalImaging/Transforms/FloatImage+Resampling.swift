extension FloatImage {
  /// The image on a grid with different extents over the same space.
  ///
  /// Voxels are treated as boxes. The new grid covers exactly the same box as the old grid, as in PyTorch's
  /// `interpolate(align_corners=False)` and OpenCV's `resize`.
  ///
  /// Linear interpolation works axis by axis. Along an axis that shrinks, it averages over each new voxel (a
  /// box filter), so that fine structure fades instead of aliasing. Nearest-neighbour interpolation never
  /// averages.
  ///
  /// - Parameter size: extents, slowest first, as many as the image has.
  /// - Throws: `ImageError.Code.invalidArgument` if the number of extents differs or one is below 1.
  public func resized(to size: [Int], interpolation: Interpolation = .linear) throws(ImageError) -> FloatImage
  {
    guard size.count == self.size.count, size.allSatisfy({ $0 > 0 }) else {
      throw ImageError(.invalidArgument, "cannot resize an image of \(self.size) to \(size)")
    }
    var image = self
    // Start with the axis that shrinks most, so that resampling the other axes takes less work.
    let axes = size.indices.sorted {
      Double(size[$0]) / Double(self.size[$0]) < Double(size[$1]) / Double(self.size[$1])
    }
    for axis in axes where size[axis] != image.size[axis] {
      image = image.resized(axis: axis, to: size[axis], interpolation)
    }
    return image
  }

  /// The image resampled so that neighbouring voxels are `spacing` millimetres apart.
  ///
  /// - Parameter spacing: along x, y and z; the third is ignored for a picture.
  /// - Throws: `ImageError.Code.invalidArgument` if the spacing is not positive.
  public func resampled(spacing: SIMD3<Double>, interpolation: Interpolation = .linear) throws(ImageError)
    -> FloatImage
  {
    guard (0..<size.count).allSatisfy({ spacing[$0] > 0 && spacing[$0].isFinite }) else {
      throw ImageError(
        .invalidArgument, "cannot resample to a spacing of \(spacing.x), \(spacing.y), \(spacing.z) mm")
    }
    let extents = size.indices.map { axis in
      let index = size.count - 1 - axis
      return max(1, Int((Double(size[axis]) * geometry.spacing[index] / spacing[index]).rounded()))
    }
    return try resized(to: extents, interpolation: interpolation)
  }

  /// Resamples one axis, numbered from the slowest axis.
  private func resized(axis: Int, to extent: Int, _ interpolation: Interpolation) -> FloatImage {
    var newSize = size
    newSize[axis] = extent
    let taps = AxisTaps(from: size[axis], to: extent, interpolation)
    let inner = size[(axis + 1)...].reduce(1, *)
    let outer = size[..<axis].reduce(1, *)
    let (oldExtent, index) = (size[axis], size.count - 1 - axis)
    var placed = geometry
    let ratio = Double(oldExtent) / Double(extent)
    var first = SIMD3<Double>.zero
    first[index] = (ratio - 1) / 2
    placed.origin = geometry.position(of: first)
    placed.spacing[index] *= ratio
    return filled(size: newSize, geometry: placed) { destination, source in
      for block in 0..<outer {
        let from = UnsafeBufferPointer(
          rebasing: source[block * oldExtent * inner..<(block + 1) * oldExtent * inner])
        let to = UnsafeMutableBufferPointer(
          rebasing: destination[block * extent * inner..<(block + 1) * extent * inner])
        taps.apply(from, to, inner: inner)
      }
    }
  }
}

/// For each new position along an axis, the old positions from which its value is computed, and their
/// weights.
private struct AxisTaps {
  private let starts: [Int]
  private let weights: [[Float]]

  init(from old: Int, to new: Int, _ interpolation: Interpolation) {
    let ratio = Double(old) / Double(new)
    let taps = (0..<new).map { index -> (Int, [Float]) in
      if interpolation == .nearest { return (min(old - 1, Int((Double(index) + 0.5) * ratio)), [1]) }
      return ratio > 1
        ? Self.area(Double(index) * ratio, ratio, old) : Self.linear((Double(index) + 0.5) * ratio - 0.5, old)
    }
    (starts, weights) = (taps.map(\.0), taps.map(\.1))
  }

  /// The first old voxel that overlaps a new voxel. Also, for each overlapping old voxel, its share in the
  /// new voxel.
  private static func area(_ start: Double, _ length: Double, _ old: Int) -> (Int, [Float]) {
    let first = Int(start)
    let last = min(old - 1, Int((start + length - 1e-9)))
    let weights = (first...last).map { position in
      Float((min(start + length, Double(position + 1)) - max(start, Double(position))) / length)
    }
    return (first, weights)
  }

  /// The first of the two old voxels around a position, and the weights of both. Outside the centres of the
  /// outermost voxels, the nearest of these has all the weight.
  private static func linear(_ position: Double, _ old: Int) -> (Int, [Float]) {
    let clamped = min(max(position, 0), Double(old - 1))
    let first = min(Int(clamped), max(old - 2, 0))
    let fraction = Float(clamped - Double(first))
    return old == 1 || fraction == 0 ? (first, [1]) : (first, [1 - fraction, fraction])
  }

  func apply(
    _ source: UnsafeBufferPointer<Float>, _ destination: UnsafeMutableBufferPointer<Float>, inner: Int
  ) {
    for (index, start) in starts.enumerated() {
      let to = index * inner
      let first = weights[index][0]
      for i in 0..<inner { destination[to + i] = source[start * inner + i] * first }
      for (step, weight) in weights[index].enumerated().dropFirst() {
        let from = (start + step) * inner
        for i in 0..<inner { destination[to + i] += source[from + i] * weight }
      }
    }
  }
}
