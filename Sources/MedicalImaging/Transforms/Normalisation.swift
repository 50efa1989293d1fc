/// The conversion of an image's values to a common scale.
public struct Normalisation: Sendable, Hashable {
  /// The calculation that is applied to the values.
  public enum Method: Sendable, Hashable {
    /// Subtracts the mean and divides by the standard deviation of the population. Constant images become 0.
    case zScore(overNonzero: Bool)
    /// Stretches the values between two percentiles (0...100) to 0...1 and clips the other values.
    ///
    /// With `overNonzero`, zeros are left out of the percentiles and stay 0.
    case percentile(lower: Double, upper: Double, overNonzero: Bool = false)
    /// Stretches a window of values, as a radiologist sets it, to 0...1 and clips the other values.
    case window(level: Double, width: Double)
    /// Stretches the given limits, such as 0...255 for a photograph, to 0...1 without clipping.
    case range(lower: Double, upper: Double)
  }

  /// The values over which the statistics are computed.
  public enum Scope: String, Sendable, Hashable, Codable {
    /// Statistics are computed over the whole image with all its channels.
    case volume
    /// Statistics are computed over each channel separately.
    case channel
    /// Statistics are computed over each slice of each channel separately; for a picture the same as
    /// `channel`.
    case slice
  }

  public var method: Method
  public var scope: Scope

  /// - Throws: `ImageError.Code.invalidArgument` for percentiles or limits out of order.
  public init(_ method: Method, per scope: Scope = .volume) throws(ImageError) {
    let isValid =
      switch method {
      case .zScore: true
      case .percentile(let lower, let upper, _): lower >= 0 && lower < upper && upper <= 100
      case .window(let level, let width): level.isFinite && width > 0 && width.isFinite
      case .range(let lower, let upper): lower < upper && (upper - lower).isFinite
      }
    guard isValid else {
      throw ImageError(.invalidArgument, "impossible limits for normalisation: \(method)")
    }
    self.method = method
    self.scope = scope
  }

  /// Normalises the image's values in place. NaN and infinities become 0 first.
  public func apply(to image: inout FloatImage) { image.forEachPart(scope) { apply($0) } }

  private func apply(_ values: UnsafeMutableBufferPointer<Float>) {
    for index in values.indices where !values[index].isFinite { values[index] = 0 }
    switch method {
    case .zScore(let overNonzero): standardise(values, overNonzero: overNonzero)
    case .percentile(let lower, let upper, let overNonzero):
      let (low, high) = Self.percentiles(values, lower, upper, overNonzero: overNonzero)
      stretch(values, low, high, clips: true, overNonzero: overNonzero)
    case .window(let level, let width): stretch(values, level - width / 2, level + width / 2, clips: true)
    case .range(let lower, let upper): stretch(values, lower, upper, clips: false)
    }
  }

  /// Standardises the values. With `overNonzero`, zeros (the background of a skull-stripped brain) are left
  /// out of the statistics and stay 0.
  private func standardise(_ values: UnsafeMutableBufferPointer<Float>, overNonzero: Bool) {
    var (sum, squares, count) = (0.0, 0.0, 0.0)
    for value in values where !overNonzero || value != 0 {
      sum += Double(value)
      count += 1
    }
    guard count > 0 else { return }
    let mean = sum / count
    for value in values where !overNonzero || value != 0 {
      let difference = Double(value) - mean
      squares += difference * difference
    }
    let deviation = (squares / count).squareRoot()
    // Treat the image as constant if the standard deviation is within the rounding error of the values.
    let scale = deviation > max(abs(mean), 1) * 1e-7 ? Float(1 / deviation) : 0
    let shift = Float(mean)
    for index in values.indices where !overNonzero || values[index] != 0 {
      values[index] = (values[index] - shift) * scale
    }
  }

  private func stretch(
    _ values: UnsafeMutableBufferPointer<Float>, _ low: Double, _ high: Double, clips: Bool,
    overNonzero: Bool = false
  ) {
    guard high > low else {
      values.update(repeating: 0)
      return
    }
    let (shift, scale) = (Float(low), Float(1 / (high - low)))
    if clips {
      for index in values.indices where !overNonzero || values[index] != 0 {
        values[index] = min(max((values[index] - shift) * scale, 0), 1)
      }
    } else {
      for index in values.indices { values[index] = (values[index] - shift) * scale }
    }
  }

  /// Percentiles with linear interpolation between ranks, as in NumPy by default; 0 if there are no values.
  static func percentiles(
    _ values: UnsafeMutableBufferPointer<Float>, _ lower: Double, _ upper: Double, overNonzero: Bool
  ) -> (Double, Double) {
    let sorted = overNonzero ? values.filter { $0 != 0 }.sorted() : values.sorted()
    guard !sorted.isEmpty else { return (0, 0) }
    func at(_ percent: Double) -> Double {
      let rank = percent / 100 * Double(sorted.count - 1)
      let below = Int(rank)
      let above = min(below + 1, sorted.count - 1)
      return Double(sorted[below]) + (Double(sorted[above]) - Double(sorted[below])) * (rank - Double(below))
    }
    return (at(lower), at(upper))
  }
}

extension FloatImage {
  /// Calls `body` with the values of each part over which statistics are computed.
  mutating func forEachPart(
    _ scope: Normalisation.Scope, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let parts =
      switch scope {
      case .volume: 1
      case .channel: channels
      case .slice: channels * (isVolume ? size[0] : 1)
      }
    let length = values.count / max(parts, 1)
    values.withUnsafeMutableBufferPointer { values in
      for part in 0..<parts {
        body(UnsafeMutableBufferPointer(rebasing: values[part * length..<(part + 1) * length]))
      }
    }
  }

  /// The image with its values normalised.
  public func normalised(_ normalisation: Normalisation) -> FloatImage {
    var image = self
    normalisation.apply(to: &image)
    return image
  }
}
