import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import Synchronization

typealias ReferenceFederation<S: Strategy> = Federation<S, ReferenceTrainer>

/// An arm with the reference trainer, with the same seeds and settings as `ReferenceRun`.
func federation<S: Strategy>(
  _ strategy: S, over topology: any Topology = Star(), sites: Int = 3, rounds: Int = 4,
  journal: any RoundJournal = InMemoryJournal(), adjust: (inout FederationSettings) -> Void = { _ in },
  events: @escaping RunEventHandler = { _ in }
) throws -> ReferenceFederation<S> {
  let members = ReferenceTrainer.sites(sites).enumerated().map {
    ReferenceFederation<S>.Member(site: SiteID("site-\($0.offset)"), trainer: $0.element)
  }
  var settings = FederationSettings(
    arm: "arm", rounds: rounds, learningRate: { _ in 0.05 }, seed: 11,
    required: Set(members.map(\.site)), minimumSites: 1,
    selection: ModelSelection(metric: "loss", higherIsBetter: false))
  adjust(&settings)
  return try Federation(
    settings: settings, strategy: strategy, topology: topology, members: members, journal: journal,
    events: events)
}

let referenceModel = ReferenceTrainer.sites(1)[0].initialModel

/// A journal that fails on request, before or after it has stored a round.
final class FailingJournal: RoundJournal {
  let kept = InMemoryJournal()
  private let failures: Mutex<(before: Int?, after: Int?)>

  init(before: Int? = nil, after: Int? = nil) { failures = Mutex((before, after)) }

  func commit(_ checkpoint: RoundCheckpoint) async throws -> ModelParameters? {
    let round = checkpoint.record.round
    if failures.withLock({ $0.before == round }) { throw ConsiliumError(.storage, "before \(round)") }
    kept.commit(checkpoint)
    if failures.withLock({ $0.after == round }) { throw ConsiliumError(.storage, "after \(round)") }
    return nil
  }

  func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) -> [SiteID] {
    kept.commit(sites, of: arm, at: id)
  }

  func lastCheckpoint(of arm: String) -> RoundCheckpoint? { kept.lastCheckpoint(of: arm) }
  func bestModel(of arm: String) -> ModelParameters? { kept.bestModel(of: arm) }
  func records(of arm: String) -> [RoundRecord] { kept.records(of: arm) }
}

extension RoundRecord {
  /// The record without the wall time, which is all that may differ between two runs.
  var timeless: RoundRecord {
    var record = self
    record.seconds = 0
    return record
  }
}
