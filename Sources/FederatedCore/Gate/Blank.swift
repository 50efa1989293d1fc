/// Sends zeros in place of the trained change of the model. Used in a rehearsal.
struct Blank: UpdateMechanism {
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    -> PrivacyCost
  {
    // Leave an update that is not finite unchanged: the gate then refuses it, as it would in the study.
    guard update.payload.isFinite else { return .unbounded }
    // Do not multiply by 0: a negative value would become -0, which reveals its sign.
    update.payload.updateParts { _, part in part = .zeros(part.layout) }
    return .zero
  }
}
