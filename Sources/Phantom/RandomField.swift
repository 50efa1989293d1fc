/// A smooth random function of space with mean 0 and variance 1: white noise on a grid, smoothed by a nearly
/// Gaussian filter.
///
/// Such functions form the folds of the cortex, the shape of lesions and the texture of tissue.
struct RandomField: Sendable {
  private let size: SIMD3<Int>
  private let origin: SIMD3<Float>
  private let spacing: Float
  private var values: [Float]

  /// - Parameters:
  ///   - extent: half the side lengths, in mm, of the box that the field covers. Outside the box, the value
  ///     at its border applies.
  ///   - spacing: the distance between grid points, in mm.
  ///   - radius: the half-width of the smoothing window, in grid points. The value changes considerably over
  ///     about twice this distance.
  init(
    extent: SIMD3<Float>, spacing: Float, radius: Int, using generator: inout some RandomNumberGenerator
  ) {
    let cells = (extent * 2 / spacing).rounded(.up)
    size = SIMD3(Int(cells.x), Int(cells.y), Int(cells.z)) &+ 2
    origin = -extent
    self.spacing = spacing
    values = (0..<(size.x * size.y * size.z)).map { _ in Float(generator.nextNormal()) }
    // Three successive box windows are close to a Gaussian.
    for _ in 0..<3 {
      smooth(count: size.x, stride: 1, radius: radius)
      smooth(count: size.y, stride: size.x, radius: radius)
      smooth(count: size.z, stride: size.x * size.y, radius: radius)
    }
    standardise()
  }

  /// The value at a point in mm, interpolated linearly.
  func value(at point: SIMD3<Float>) -> Float {
    let limit = SIMD3(Float(size.x - 2), Float(size.y - 2), Float(size.z - 2))
    let position = ((point - origin) / spacing).clamped(lowerBound: .zero, upperBound: limit)
    let (x, y, z) = (Int(position.x), Int(position.y), Int(position.z))
    let t = position - SIMD3(Float(x), Float(y), Float(z))
    let (dy, dz) = (size.x, size.x * size.y)
    let base = x + y * dy + z * dz
    return values.withUnsafeBufferPointer { v in
      func alongX(_ i: Int) -> Float { v[i] + (v[i + 1] - v[i]) * t.x }
      let near = alongX(base) + (alongX(base + dy) - alongX(base)) * t.y
      let far = alongX(base + dz) + (alongX(base + dz + dy) - alongX(base + dz)) * t.y
      return near + (far - near) * t.z
    }
  }

  /// Replaces each value by the mean of its neighbours along one axis. Outside the grid, the value at its
  /// border is used.
  private mutating func smooth(count: Int, stride: Int, radius: Int) {
    let scale = 1 / Float(2 * radius + 1)
    var line = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer { values in
      for block in Swift.stride(from: 0, to: values.count, by: stride * count) {
        for start in block..<(block + stride) {
          for i in 0..<count { line[i] = values[start + i * stride] }
          var sum: Float = 0
          for i in -radius...radius { sum += line[min(max(i, 0), count - 1)] }
          for i in 0..<count {
            values[start + i * stride] = sum * scale
            sum += line[min(i + radius + 1, count - 1)] - line[max(i - radius, 0)]
          }
        }
      }
    }
  }

  private mutating func standardise() {
    let mean = values.reduce(0, +) / Float(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
    let scale = 1 / variance.squareRoot()
    for i in values.indices { values[i] = (values[i] - mean) * scale }
  }
}
