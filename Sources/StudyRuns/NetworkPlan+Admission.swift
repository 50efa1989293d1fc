import FederatedCore
import FederatedRuntime
import StudyProtocol

extension NetworkPlan {
  /// What the study lays down for an arm with rounds; the rehearsal is one step at every site, in a round that counts for nothing.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func settings(of arm: String, members: [SiteID]) throws(ConsiliumError) -> FederationSettings {
    if arm == Self.rehearsal {
      var settings = FederationSettings(study, arm: arm, isFederated: true, members: members)
      (settings.rounds, settings.amount) = (1, .steps(1))
      (settings.validateEvery, settings.selection) = (1, nil)
      return settings
    }
    return FederationSettings(
      study, arm: arm, isFederated: try model(of: arm).members == .federated, members: members)
  }

  /// Refuses what a coordinator asks of a site beyond what the study lays down: another arm, more rounds, another amount of training,
  /// data that are not evaluated there.
  ///
  /// Which model is trained or evaluated is the coordinator's to say; each that leaves its mark is in the site's audit log.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what.
  public func admit(_ assignment: Assignment, in arm: String, at site: SiteID) throws(ConsiliumError) {
    func refuse(_ what: String) -> ConsiliumError {
      ConsiliumError(
        .invalidInput,
        "the coordinator asks for \(what), which is not in the study that was signed; nothing is done")
    }
    guard arms(of: site).contains(arm) else { throw refuse("a part in the arm '\(arm.prefix(80))'") }
    let round = assignment.id.round
    if arm == Self.tests {
      guard case .evaluate(.test) = assignment.work, (1...models.count).contains(round) else {
        throw refuse("other work than the final evaluation")
      }
      return
    }
    let settings = try settings(of: arm, members: members)
    guard (1...settings.rounds).contains(round), (0..<members.count).contains(assignment.id.stage ?? 0) else {
      throw refuse("round \(round) of arm '\(arm)', of which there are \(settings.rounds)")
    }
    switch assignment.work {
    case .train(var asked, _):
      let agreed = settings.instruction(round: round, site: site)
      // A rate from a formula may differ in its last bits between machines, and where it ends at nothing by more.
      if abs(asked.learningRate - agreed.learningRate) <= 1e-9 * max(abs(agreed.learningRate), 1e-6) {
        asked.learningRate = agreed.learningRate
      }
      guard asked == agreed else { throw refuse("other training in round \(round) of arm '\(arm)'") }
    case .evaluate(let part):
      guard part == .validation, settings.validates(round) else {
        throw refuse("an evaluation on the \(part.rawValue) data after round \(round) of arm '\(arm)'")
      }
    }
  }
}
