import FederatedCore
import ParameterFiles

extension SwarmRound {
  /// Computes the merger's result again, if it is this member's turn as a deputy, and states what came out.
  ///
  /// The deputies are the members behind the merger in the order of the round. If one of them stays silent for
  /// a lease, the next one behind takes its place.
  func witness() async throws {
    let (set, result) = try await merged()
    let needed = arm.swarm.neededWitnesses
    guard result.merger != site, needed > 0 else { return }
    let order = arm.mergers(ofRound: round)
    let first = order.firstIndex(of: result.merger) ?? 0
    let distance = ((order.firstIndex(of: site) ?? 0) - first + order.count) % order.count
    if distance > needed {
      let time = link.clock.now + arm.swarm.lease * (distance - needed)
      let isConfirmed = try await board.first(until: time) { view in
        witnesses(of: result, in: view) >= needed ? true : nil
      }
      if isConfirmed != nil { return }
    }
    _ = try await link.create(keys.witness(of: site), try await statement(on: set))
  }

  /// The number of deputies that computed this result.
  func witnesses(of result: SwarmModel, in view: SwarmBoard.View) -> Int {
    view.entries(keys.deputy).count { (try? SwarmWitness($0.entry))?.confirms(result) == true }
  }

  private func statement(on set: SwarmSet) async throws -> SwarmWitness {
    do {
      let outcome = try await outcome(of: set)
      return SwarmWitness(
        model: ParameterDigest.sha256(of: outcome.model),
        state: S.ServerState.partNames.isEmpty ? nil : ParameterDigest.sha256(of: outcome.serverState))
    } catch is RoundFailure {
      return SwarmWitness(model: nil, state: nil)
    }
  }
}
