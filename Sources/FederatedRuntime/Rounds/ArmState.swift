import FederatedCore

/// The state of an arm between two rounds, with the strategy's types.
struct ArmState<S: Strategy>: Sendable {
  var model: ModelParameters
  var serverState: S.ServerState
  var selection = SelectionState()
  /// The last committed round; 0 before the first.
  var round = 0
  /// The last committed round to which each site contributed.
  var contributed: [SiteID: Int] = [:]
  /// The weight with which each site contributed.
  var weights: [SiteID: Double] = [:]
  /// The changes of the last round that was trained.
  var changes = RoundChanges()
  private var siteStates: [SiteID: S.SiteState] = [:]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the checkpoint belongs to a different model, a
  ///   different strategy or different sites.
  init(_ checkpoint: RoundCheckpoint?, initial: ModelParameters, strategy: S, members: [SiteID])
    throws(ConsiliumError)
  {
    model = initial
    serverState = strategy.initialServerState(for: initial.layout)
    guard let checkpoint else { return }
    do throws(ConsiliumError) {
      guard checkpoint.model.layout == initial.layout else {
        throw ConsiliumError(.storage, "its model has other parameters")
      }
      (model, selection, round) = (checkpoint.model, checkpoint.record.selection, checkpoint.record.round)
      serverState = try checkpoint.serverState.group()
      for site in members where !S.SiteState.partNames.isEmpty {
        guard let state = checkpoint.siteStates[site] else {
          throw ConsiliumError(.storage, "it has no state of site '\(site)'")
        }
        siteStates[site] = try state.group()
      }
    } catch {
      throw ConsiliumError(
        .invalidInput,
        "arm '\(checkpoint.record.arm)' cannot continue after round \(checkpoint.record.round): \(error.message). "
          + "The run folder belongs to another study or version; use a new folder", cause: error)
    }
  }

  /// Records which sites contributed to a round.
  mutating func note(_ record: RoundRecord) {
    for contribution in record.contributions {
      contributed[contribution.site] = record.round
      weights[contribution.site] = contribution.weight
    }
  }

  func siteState(_ site: SiteID, _ strategy: S) -> S.SiteState {
    siteStates[site] ?? strategy.initialSiteState(for: model.layout)
  }
}
