import FederatedCore
import FederatedRuntime
import StudyProtocol

extension NetworkPlan {
  /// The study's settings for an arm with rounds. The rehearsal is one step at every site, in a round that is
  /// discarded.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func settings(of arm: String, members: [SiteID]) throws(ConsiliumError) -> FederationSettings {
    var settings: FederationSettings
    if arm == Self.rehearsal {
      settings = FederationSettings(study, arm: arm, isFederated: true, members: members)
      settings.rounds = 1
      settings.amount = .steps(1)
      settings.validateEvery = 1
      settings.selection = nil
    } else {
      settings = FederationSettings(
        study, arm: arm, isFederated: try model(of: arm).members == .federated, members: members)
    }
    let topology = try algorithm(of: arm).topology
    let agreed = try arm == Self.rehearsal ? self.members : self.members(of: model(of: arm))
    settings.agreedPlan = { topology.plan(round: $0, participants: agreed) }
    settings.siteCount = members.count
    // A rehearsal shows that the whole study works at a site. No activation leaves before the first round.
    guard arm != Self.rehearsal, try model(of: arm).way == .split else { return settings }
    settings.split = SplitSettings(
      cut: try study.splitCut, checksHost: (study.federation.split?.checks ?? 0) > 0)
    return settings
  }

  /// The stages of an arm, as its sites run them.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func stages(of arm: String) throws(ConsiliumError) -> StageRegistry {
    if arm == Self.tests { return StageRegistry([EvaluationStage(.test(models: models.count))]) }
    if arm == Self.statistics { return StageRegistry([StatisticsStage(study)]) }
    let settings = try settings(of: arm, members: members)
    return Self.stages(of: try algorithm(of: arm).strategy, settings)
  }

  private static func stages(of strategy: some Strategy, _ settings: FederationSettings) -> StageRegistry {
    StageRegistry(of: strategy, settings: settings)
  }

  /// What must be known of an arm's algorithm to verify everything that its sites receive.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func exchange(of arm: String) throws(ConsiliumError) -> SignedExchange {
    let workflow = try workflow(of: arm).algorithm()
    return SignedExchange(
      of: workflow.strategy, over: workflow.topology, settings: try settings(of: arm, members: members))
  }

  /// Refuses work that is not part of the study: a different arm, more rounds, a different learning rate, or
  /// an evaluation of other data.
  ///
  /// Does not check the model of a question; a site's agent verifies it against the coordinator's signed
  /// chain.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that says what was asked.
  public func admit(_ assignment: Assignment, in arm: String, at site: SiteID) throws(ConsiliumError) {
    guard arms(of: site).contains(arm) else {
      throw ConsiliumError(
        .invalidInput,
        "the coordinator asks this site to take part in arm '\(arm.prefix(80))', which is not in the study that was signed; "
          + "the site ignores it")
    }
    try stages(of: arm).admit(assignment, at: site)
  }
}
