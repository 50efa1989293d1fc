/// The exact squared Euclidean distance of every voxel to the nearest marked voxel (Felzenszwalb &
/// Huttenlocher 2012).
///
/// - Parameters:
///   - isMarked: the voxels in C order, the last axis fastest; non-zero is marked.
///   - shape: the length of each axis.
///   - spacing: the distance between neighbours along each axis, in the order of `shape`.
/// - Returns: squared distances in the square of the spacing's unit; infinite if no voxel is marked.
public func squaredDistances(toMarked isMarked: [UInt8], shape: [Int], spacing: [Double]) -> [Double] {
  precondition(isMarked.count == shape.reduce(1, *) && spacing.count == shape.count)
  var distances = isMarked.map { $0 == 0 ? Double.infinity : 0 }
  var stride = 1
  for axis in shape.indices.reversed() {
    var envelope = LowerEnvelope(length: shape[axis], spacing: spacing[axis])
    distances.withUnsafeMutableBufferPointer { envelope.transform($0, stride: stride) }
    stride *= shape[axis]
  }
  return distances
}

/// The distance transform along one axis. For each line of voxels, it computes the lower envelope of
/// parabolas, each with its apex at a voxel of the line.
private struct LowerEnvelope {
  let length: Int
  /// The square of the distance between neighbours along the axis.
  let scale: Double
  private var heights: [Double]
  /// The apexes of the parabolas on the envelope.
  private var apexes: [Int]
  /// The position from which each parabola is the lowest.
  private var starts: [Double]

  init(length: Int, spacing: Double) {
    self.length = length
    scale = spacing * spacing
    heights = .init(repeating: 0, count: length)
    apexes = .init(repeating: 0, count: length)
    starts = .init(repeating: 0, count: length)
  }

  /// Transforms every line of voxels along the axis. Neighbours in a line are `stride` elements of `values`
  /// apart.
  mutating func transform(_ values: UnsafeMutableBufferPointer<Double>, stride: Int) {
    let block = stride * length
    guard block > 0 else { return }
    for start in Swift.stride(from: 0, to: values.count, by: block) {
      for offset in 0..<stride { transformLine(values, from: start + offset, stride: stride) }
    }
  }

  private mutating func transformLine(
    _ values: UnsafeMutableBufferPointer<Double>, from start: Int, stride: Int
  ) {
    var last = -1
    for apex in 0..<length {
      heights[apex] = values[start + apex * stride]
      guard heights[apex] < .infinity else { continue }
      var crossing = -Double.infinity
      while last >= 0 {
        crossing = crossingPoint(apexes[last], apex)
        if crossing > starts[last] { break }
        last -= 1
        crossing = -.infinity
      }
      last += 1
      (apexes[last], starts[last]) = (apex, crossing)
    }
    guard last >= 0 else { return }
    var current = 0
    for position in 0..<length {
      while current < last && starts[current + 1] < Double(position) { current += 1 }
      let distance = Double(position - apexes[current])
      values[start + position * stride] = scale * distance * distance + heights[apexes[current]]
    }
  }

  private func crossingPoint(_ left: Int, _ right: Int) -> Double {
    let (p, q) = (Double(left), Double(right))
    return ((heights[right] + scale * q * q) - (heights[left] + scale * p * p)) / (2 * scale * (q - p))
  }
}
