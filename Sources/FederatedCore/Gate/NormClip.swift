/// Bounds how far one site can move the model: an update that is longer than the bound is scaled down to it.
///
/// The length is the L2 norm over all values of all parts of the update, buffers included. The bound alone
/// costs no accuracy of small updates and promises no privacy; it is what noise is measured by.
public struct NormClip: UpdateMechanism, Equatable {
  public let bound: Double

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the bound is not a positive number.
  public init(bound: Double) throws(ConsiliumError) {
    guard bound.isFinite, bound > 0 else {
      throw ConsiliumError(.invalidInput, "the bound of a norm clip is \(bound); expected a number above 0")
    }
    self.bound = bound
  }

  /// - Throws: ``ConsiliumError`` with code `.diverged` if a value is not finite.
  public func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    throws(ConsiliumError) -> PrivacyCost
  {
    let norm = update.payload.squaredNorm.squareRoot()
    guard norm.isFinite else {
      throw ConsiliumError(Divergence(.update, round: context.round))
    }
    if norm > bound { Self.scale(&update.payload, by: bound / norm) }
    return .unbounded
  }

  private static func scale<Payload: ParameterGroup>(_ payload: inout Payload, by fraction: Double) {
    // The factor and each product are rounded by at most 2⁻²⁴ of themselves; the margin keeps the bound
    // strict.
    var factor = fraction * (1 - 0x1p-22)
    // A factor so small that a Float has few digits for it is applied in steps.
    while factor < 0x1p-100 {
      payload.scale(by: 0x1p-100)
      factor *= 0x1p100
    }
    payload.scale(by: Float(factor))
  }
}
