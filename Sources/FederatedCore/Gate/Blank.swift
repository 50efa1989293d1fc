/// Sends zeros in place of what training changed; for a rehearsal.
struct Blank: UpdateMechanism {
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    -> PrivacyCost
  {
    // One that is not finite is refused as it would be in the study.
    guard update.payload.isFinite else { return .unbounded }
    // Not scaled: a product with 0 keeps the sign of each value.
    update.payload.updateParts { _, part in part = .zeros(part.layout) }
    return .zero
  }
}
