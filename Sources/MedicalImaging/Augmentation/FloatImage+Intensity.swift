import Glibc

extension FloatImage {
  /// Multiplies each value by `scale` and adds `shift`. Then maps the values to 0...1, raises them to the
  /// power `gamma`, and maps them back.
  mutating func adjustIntensity(scale: Double, shift: Double, gamma: Double) {
    let (scale, shift) = (Float(scale), Float(shift))
    if scale != 1 || shift != 0 {
      values.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] = values[index] * scale + shift }
      }
    }
    guard gamma != 1, let low = values.min(), let high = values.max(), high > low else { return }
    let (range, exponent) = (high - low, Float(gamma))
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices {
        values[index] = powf((values[index] - low) / range, exponent) * range + low
      }
    }
  }

  /// Adds Gaussian noise, drawn in pairs of values (Box and Muller 1958). The noise has its own stream of
  /// random numbers, which starts at `seed`.
  mutating func addNoise(deviation: Float, seed: UInt64) {
    guard deviation > 0 else { return }
    var stream = NoiseStream(state: seed)
    values.withUnsafeMutableBufferPointer { values in
      for index in stride(from: 0, to: values.count, by: 2) {
        let radius = deviation * (-2 * logf(stream.unit())).squareRoot()
        let angle = 2 * Float.pi * stream.unit()
        values[index] += radius * cosf(angle)
        if index + 1 < values.count { values[index + 1] += radius * sinf(angle) }
      }
    }
  }
}

/// The stream of uniform random numbers for the noise: SplitMix64 (Steele et al. 2014), of which 24 bits are
/// used. Each pair of noise values needs two numbers.
private struct NoiseStream {
  var state: UInt64

  /// A number uniform in (0, 1].
  mutating func unit() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float(((z ^ (z >> 31)) >> 40) + 1) * 0x1p-24
  }
}
