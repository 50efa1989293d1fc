/// Limits how far one site can move the model. An update that is longer than the bound is scaled down to the
/// bound.
///
/// The length is the L2 norm over all values of all parts of the update, including buffers. The bound alone
/// leaves small updates unchanged and does not guarantee privacy. The strength of noise is stated relative to
/// the bound.
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

  public func check<Payload: ParameterGroup>(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError)
  {
    let norm = update.payload.squaredNorm.squareRoot()
    // A site sums in the same order; the margin allows for another order in a later version.
    guard norm <= bound * (1 + 1e-6) else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(update.site)' in round \(update.round) has the norm \(norm); the study clips updates to "
          + "\(bound) (privacy.clip-norm), which the site did not do")
    }
  }

  private static func scale<Payload: ParameterGroup>(_ payload: inout Payload, by fraction: Double) {
    // The factor and each product have a relative rounding error of at most 2⁻²⁴. The margin makes sure that
    // the norm does not exceed the bound.
    var factor = fraction * (1 - 0x1p-22)
    // Apply a very small factor in steps, since a Float holds too few digits of it.
    while factor < 0x1p-100 {
      payload.scale(by: 0x1p-100)
      factor *= 0x1p100
    }
    payload.scale(by: Float(factor))
  }
}
