import FederatedCore
import FederatedRuntime

/// A coordinator's desk whose payload type has been forgotten, as requests from the network meet it.
protocol NetworkDesk: Sendable {
  /// The site's assignment as soon as it has one; nil once the arm has ended or the task is cancelled.
  func nextAssignment(for site: SiteID) async -> Assignment?

  /// True where an answer to this assignment would count.
  func expects(_ id: Assignment.ID, from site: SiteID) async -> Bool

  /// Takes an answer; false where it comes too late or is there already.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where the update is not one of this arm.
  func accept(_ answer: NetworkAnswer, to id: Assignment.ID, from site: SiteID) async throws -> Bool

  /// Records that a site cannot do its assignment. Returns `false` if it has none.
  func fail(_ site: SiteID, with error: ConsiliumError) async -> Bool
}

/// An answer as it came over the network.
enum NetworkAnswer: Sendable {
  case update(NamedParts, weight: Double, TrainingSummary, digest: String)
  case evaluation(SiteEvaluation)
  case failure(ConsiliumError)
}

/// The network's way to the desk of one arm.
struct PayloadDesk<Payload: ParameterGroup>: NetworkDesk {
  let desk: CoordinatorDesk<Payload>
  /// What every part of an update must look like.
  let layout: ParameterLayout

  func nextAssignment(for site: SiteID) async -> Assignment? { await desk.nextAssignment(for: site) }

  func expects(_ id: Assignment.ID, from site: SiteID) async -> Bool {
    await desk.assignment(of: site)?.id == id
  }

  func accept(_ answer: NetworkAnswer, to id: Assignment.ID, from site: SiteID) async throws -> Bool {
    guard let assignment = await desk.assignment(of: site), assignment.id == id else { return false }
    switch (answer, assignment.work) {
    case (.update(let parts, let weight, let summary, let digest), .train(let instruction, _)):
      let update = ModelUpdate(
        site: site, round: instruction.round, payload: try payload(parts, from: site), weight: weight)
      return await desk.submit(
        .update(try ReceivedUpdate(update, summary)), to: id, from: site, digest: digest)
    case (.evaluation(let evaluation), .evaluate):
      return await desk.submit(.evaluation(evaluation), to: id, from: site)
    case (.failure(let error), _):
      return await desk.submit(.failure(error), to: id, from: site)
    default:
      throw ConsiliumError(
        .invalidUpdate, "site '\(site)' answered something else than it was asked in round \(id.round)")
    }
  }

  func fail(_ site: SiteID, with error: ConsiliumError) async -> Bool {
    guard let assignment = await desk.assignment(of: site) else { return false }
    return await desk.submit(.failure(error), to: assignment.id, from: site)
  }

  private func payload(_ parts: NamedParts, from site: SiteID) throws(ConsiliumError) -> Payload {
    guard parts.names == Payload.partNames, parts.parts.allSatisfy({ $0.layout == layout }) else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' has other parameters than the agreed model; it was not used")
    }
    return Payload(parts: parts.parts)
  }
}
