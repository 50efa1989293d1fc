import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import RunStore
import StudyRuns

extension StudyRunner {
  /// Returns the results of the committed rounds of a study that ended early: models, manifests and a report
  /// marked as incomplete.
  ///
  /// - Parameter ending: how it ended, such as `was aborted: too few patients`.
  /// - Returns: `nil` if no round was committed.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func salvage(_ ending: String) async throws -> Outcome? {
    let store = try openStore(trains: false)
    do {
      let outcome = try await salvage(store, ending)
      try await store.close()
      return outcome
    } catch {
      try? await store.close()
      throw error
    }
  }

  private func salvage(_ store: RunStore, _ ending: String) async throws -> Outcome? {
    guard try store.reader.model(named: "initial") != nil else { return nil }
    let rounds = try signedRounds(store)
    let reports = await board.all
    let admission = StudyAdmission(of: candidates(reports), words: Self.admissionWords)
    var tested: [TestedModel] = []
    for arm in plan.models {
      guard let model = try await model(of: arm, rounds, store, sites: admission.sites) else { continue }
      tested.append(model)
    }
    guard let first = tested.first else { return nil }
    let error = ConsiliumError(.partial, incompleteness(of: tested, ending))
    let host = NetworkStudy(
      runner: self, sites: admission.sites, ready: reports.filter { admission.sites.contains($0.site) },
      store: store)
    let conclusion = try await driver(admission, host).conclude(
      tested, failed: [(plan: first.plan, error: error)])
    return try await offer(conclusion, rounds, in: store, isComplete: false)
  }

  /// The model of an arm's last committed round; `nil` if there is none.
  private func model(
    of arm: ArmPlan, _ rounds: SignedRounds, _ store: RunStore, sites: [SiteID]
  ) async throws -> TestedModel? {
    guard let last = try await rounds.lastCheckpoint(of: arm.name) else { return nil }
    let best =
      last.record.selection.bestRound == last.record.round ? nil : try await store.bestModel(of: arm.name)
    let outcome = FederationOutcome(
      lastModel: last.model, bestModel: best ?? last.model, records: try await store.records(of: arm.name),
      stoppedEarly: last.record.round < study.federation.rounds)
    let stored = try await store.save(outcome.bestModel, named: arm.name)
    let test = try sites.compactMap { site in
      try store.reader.evaluation(of: stored.name, digest: stored.digest, on: site)
        .map { SiteResult(site: site, evaluation: $0) }
    }
    return TestedModel(plan: arm, records: outcome.records, model: stored, test: test)
  }

  private func incompleteness(of tested: [TestedModel], _ ending: String) -> String {
    let count = study.federation.rounds
    let arms = plan.models.map { arm in
      let last = tested.first { $0.plan == arm }?.records.last?.round ?? 0
      return "\(arm.name) \(last) of \(count)"
    }
    return
      "the study \(ending). Finished rounds: \(arms.joined(separator: ", ")). The models are those of the last finished "
      + "rounds, not the agreed final ones"
  }
}
