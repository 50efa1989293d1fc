/// The limits to which an image's values are clipped.
public struct Clipping: Sendable, Hashable {
  public enum Limits: Sendable, Hashable {
    case values(lower: Double, upper: Double)
    /// The limits are percentiles from 0 to 100, interpolated linearly between ranks, as in NumPy by default.
    case percentiles(lower: Double, upper: Double)
  }

  public var limits: Limits
  /// The values over which percentiles are computed.
  public var scope: Normalisation.Scope
  /// Whether zeros (the background of a skull-stripped brain) are left out of the percentiles and stay 0.
  public var overNonzero: Bool

  /// - Throws: `ImageError.Code.invalidArgument` for limits out of order or percentiles outside 0...100.
  public init(_ limits: Limits, per scope: Normalisation.Scope = .volume, overNonzero: Bool = false)
    throws(ImageError)
  {
    let isValid =
      switch limits {
      case .values(let lower, let upper): lower < upper
      case .percentiles(let lower, let upper): lower >= 0 && lower < upper && upper <= 100
      }
    guard isValid else { throw ImageError(.invalidArgument, "impossible limits for clipping: \(limits)") }
    self.limits = limits
    self.scope = scope
    self.overNonzero = overNonzero
  }
}

extension FloatImage {
  /// The image with its values limited. NaN and infinities become 0 first.
  public func clipped(_ clipping: Clipping) -> FloatImage {
    var image = self
    image.forEachPart(clipping.scope) { values in
      for index in values.indices where !values[index].isFinite { values[index] = 0 }
      let (low, high) =
        switch clipping.limits {
        case .values(let lower, let upper): (lower, upper)
        case .percentiles(let lower, let upper):
          Normalisation.percentiles(values, lower, upper, overNonzero: clipping.overNonzero)
        }
      let range = Float(low)...Float(high)
      for index in values.indices where !clipping.overNonzero || values[index] != 0 {
        values[index] = min(max(values[index], range.lowerBound), range.upperBound)
      }
    }
    return image
  }
}
