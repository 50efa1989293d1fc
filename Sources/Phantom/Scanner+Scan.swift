/// The result of one scan: the stored image and the mask of its lesions. The index along x changes fastest.
struct Examination: Sendable {
  var image: [Int16]
  var mask: [UInt8]
}

extension Scanner {
  /// Scans one head.
  func scan(_ head: Head, using generator: inout some RandomNumberGenerator) -> Examination {
    let pose = Pose(using: &generator)
    let coil = CoilSensitivity(strength: bias, using: &generator)
    let gain = Float(self.gain * generator.next(in: 0.9...1.1))
    var image: [Int16] = []
    var mask: [UInt8] = []
    image.reserveCapacity(matrix * matrix * sliceCount)
    mask.reserveCapacity(matrix * matrix * sliceCount)
    for slice in 0..<sliceCount {
      var (signal, lesion) = sample(head, slice: slice, pose: pose, coil: coil)
      for _ in 0..<blur { smooth(&signal) }
      for index in signal.indices {
        // Rician noise is the magnitude of a complex signal whose real and imaginary parts have normal noise.
        let real = signal[index] + Float(noise * generator.nextNormal())
        let imaginary = Float(noise * generator.nextNormal())
        let magnitude = (real * real + imaginary * imaginary).squareRoot() * gain
        image.append(Int16(min(magnitude, 32767).rounded()))
        mask.append(lesion[index] > 0.5 ? 1 : 0)
      }
    }
    return Examination(image: image, mask: mask)
  }

  /// The signal in each pixel of a slice, and the degree to which each pixel belongs to a lesion.
  private func sample(_ head: Head, slice: Int, pose: Pose, coil: CoilSensitivity) -> ([Float], [Float]) {
    // Average two planes within the thickness of the slice, so that structures at an angle to the slice
    // become soft.
    let planes: [Float] = [-0.25, 0.25]
    let grid = self.grid
    var signal = [Float](repeating: 0, count: matrix * matrix)
    var lesion = signal
    for row in 0..<matrix {
      for column in 0..<matrix {
        let index = row * matrix + column
        let voxel = SIMD3<Float>(Float(column), Float(row), Float(slice))
        for plane in planes {
          let point = grid.origin + grid.step * (voxel + [0, 0, plane])
          let one = head.signal(at: pose.headPoint(at: point), contrast: contrast)
          signal[index] += one.signal / 2
          lesion[index] += one.lesion / 2
        }
        if signal[index] > 0 {
          signal[index] *= coil.sensitivity(at: grid.origin + grid.step * voxel)
        }
      }
    }
    return (signal, lesion)
  }

  /// The position of the first voxel in the scanner, and the distance from one voxel to the next along each
  /// axis, in mm. x points to the patient's right, y forward and z up.
  var grid: (origin: SIMD3<Float>, step: SIMD3<Float>) {
    let step = SIMD3<Float>(
      Float(isRadiological ? -pixelSize : pixelSize), Float(pixelSize), Float(sliceDistance))
    let last = SIMD3<Float>(Float(matrix - 1), Float(matrix - 1), Float(sliceCount - 1))
    // Move the slices up: the lowest ones show the cerebellum, the highest ones the crown.
    return ([0, 0, 12] - step * last / 2, step)
  }

  /// Smooths a slice with weights 1, 2, 1 along both axes. The first and the last row stay unchanged.
  private func smooth(_ slice: inout [Float]) {
    for stride in [1, matrix] {
      let source = slice
      for index in (matrix + 1)..<(source.count - matrix - 1) {
        slice[index] = (source[index - stride] + 2 * source[index] + source[index + stride]) / 4
      }
    }
  }
}

/// The position of the head in the scanner: turned slightly about each axis, and moved.
private struct Pose {
  private let shift: SIMD3<Float>
  private let sine: SIMD3<Float>
  private let cosine: SIMD3<Float>

  init(using generator: inout some RandomNumberGenerator) {
    shift = SIMD3((0..<3).map { _ in Float(generator.next(in: -4...4)) })
    // Draw the tangent of half the angle, since it yields sine and cosine without a transcendental function.
    // A tangent of 0.05 means an angle of 6 degrees.
    let tangent = SIMD3<Float>((0..<3).map { _ in Float(generator.next(in: -0.05...0.05)) })
    sine = 2 * tangent / (1 + tangent * tangent)
    cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
  }

  func headPoint(at point: SIMD3<Float>) -> SIMD3<Float> {
    var p = point - shift
    (p.y, p.z) = (cosine.x * p.y - sine.x * p.z, sine.x * p.y + cosine.x * p.z)
    (p.x, p.z) = (cosine.y * p.x - sine.y * p.z, sine.y * p.x + cosine.y * p.z)
    (p.x, p.y) = (cosine.z * p.x - sine.z * p.y, sine.z * p.x + cosine.z * p.y)
    return p
  }
}

/// The uneven sensitivity of a receiver coil: a quadratic function of the position, never below a fifth of
/// its mean.
private struct CoilSensitivity {
  private let slope: SIMD3<Float>
  private let curve: SIMD3<Float>

  init(strength: Double, using generator: inout some RandomNumberGenerator) {
    func draw() -> SIMD3<Float> { SIMD3((0..<3).map { _ in Float(strength * generator.next(in: -1...1)) }) }
    (slope, curve) = (draw(), draw())
  }

  func sensitivity(at point: SIMD3<Float>) -> Float {
    let place = point / 90
    return max(0.2, 1 + (slope * place + curve * place * place / 2).sum())
  }
}
