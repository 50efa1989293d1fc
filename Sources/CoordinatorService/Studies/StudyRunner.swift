import AuditLog
import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyAgreement
import StudyProtocol
import StudyRuns

/// Runs one agreed study with its sites over the network, from their readiness reports to its offered
/// results.
///
/// ``NetworkStudy`` implements the steps of a run; this type holds the data that those steps need, and
/// outlives a run.
struct StudyRunner: Sendable {
  let id: String
  let study: Study
  let plan: NetworkPlan
  let agreement: StudyAgreement
  let folder: URL
  let endpoint: StudyEndpoint
  let board: ReadinessBoard
  let database: CoordinatorDatabase
  let audit: AuditLog
  let identity: @Sendable () -> Identity
  let patience: Duration
  let absence: Duration
  let now: @Sendable () -> Date
  let events: RunEventHandler
  /// Called when the rehearsal is over and the rounds begin.
  let began: @Sendable () async throws -> Void
  /// Called with a text that names the sites for which the study waits, and with an empty text when it no
  /// longer waits.
  let note: @Sendable (String) async -> Void
  /// The engine that computes the middle of split models; `nil` if the coordinator has none.
  let engine: CoordinatorConfiguration.Engine?
  /// The file of initial weights that the lead sent; `nil` if every site makes them from the study's seed.
  var givenWeights: URL?

  /// The results that a run leaves for the participants.
  struct Outcome: Sendable {
    var results: StudyResults
    var models: [FinishedModel]
    /// The result files, each with its path within the results folder.
    var files: [(path: String, url: URL)]
  }

  var required: Set<SiteID> { study.requiredSites(of: plan.members) }

  /// - Throws: ``ConsiliumError`` with code `.unavailable` if a required site is not ready, or if too few
  ///   sites are ready. The study can then be resumed.
  func run() async throws -> Outcome {
    let reports = try await board.wait(for: plan.members, required: required, patience: patience)
    let admission = try StudyAdmission(of: candidates(reports), to: study, words: Self.admissionWords)
    let store = try openStore()
    let middle = try makeMiddle(store)
    let result = await Result(awaiting: { try await run(admission, reports, store, middle) })
    await middle?.shutDown()
    return try result.get()
  }

  /// The engine for the middle of the study's model; `nil` if the model is not split.
  private func makeMiddle(_ store: RunStore) throws -> MiddleEngine? {
    guard plan.models.contains(where: { $0.way == .split }) else { return nil }
    guard let engine else {
      throw ConsiliumError(
        .unavailable,
        "the study's model is split, and this coordinator has no engine for its middle; install the package consilium-engine, start the "
          + "coordinator with --engine and resume the study; the signatures stay valid")
    }
    let logs = folder.appending(path: "engine")
    try DurableFolder.create(logs)
    return try MiddleEngine(
      WorkerConfiguration(
        executable: engine.worker, threads: study.training.threads, device: engine.device, logDirectory: logs),
      study: study.canonicalJSON(), folder: store.folder.exchange.appending(path: "host"), events: events)
  }

  private func run(
    _ admission: StudyAdmission, _ reports: [SiteReadiness], _ store: RunStore, _ middle: MiddleEngine?
  ) async throws -> Outcome {
    do {
      let host = NetworkStudy(
        runner: self, sites: admission.sites,
        ready: reports.filter { admission.sites.contains($0.site) }, store: store, middle: middle)
      let conclusion = try await driver(admission, host).run()
      let rounds = try signedRounds(store)
      let outcome = try await offer(conclusion, rounds, in: store, isComplete: true)
      try await store.close()
      return outcome
    } catch {
      try? await store.close()
      throw error
    }
  }

  func driver(_ admission: StudyAdmission, _ host: NetworkStudy) -> StudyDriver<NetworkStudy> {
    StudyDriver(
      study: study, arms: plan.arms, plans: plan.models, admission: admission, store: host.store,
      setting: .federation, host: host)
  }

  /// All participants of the study. A participant without a report is treated as not ready.
  func candidates(_ reports: [SiteReadiness]) -> [StudyCandidate] {
    plan.members.map { site in
      let report = reports.first { $0.site == site }
      var obstacles = report?.obstacles ?? ["it has not reported"]
      if let report, obstacles.isEmpty, !report.isReady { obstacles = ["it sent no initial weights"] }
      // Without the number, the site could choose its own weight.
      if let report, obstacles.isEmpty, needsCounts, report.trainingExamples == nil {
        obstacles = ["it did not report how many training examples it has, from which its weight follows"]
      }
      return StudyCandidate(
        site: site, data: report?.data, isGenerated: report?.isGenerated ?? false, obstacles: obstacles)
    }
  }

  /// Whether the weight of a site follows from its number of training examples in any arm.
  private var needsCounts: Bool { plan.models.contains { WeightRule(study, arm: $0.name) != .equal } }

  static let admissionWords = StudyAdmission.Words(
    code: .unavailable, advice: wayOut, exclusion: "it was not ready when the study began")

  func openStore(trains: Bool = true) throws -> RunStore {
    // Identify the run by all invited sites, so that a late signature or a withdrawal does not make it a
    // different run.
    let agreed = try Dictionary(
      uniqueKeysWithValues: agreement.proposal.statement.invited.map {
        ($0, try agreement.proposal.statement.digest())
      })
    let definition = try RunDefinition(
      study: study, studyText: agreement.proposal.text, agreedSites: agreed, arms: plan.arms)
    return try RunStore(folder.appending(path: "run"), for: definition, resume: true, trains: trains)
  }

  /// The journal of a run whose initial weights are in its store.
  func signedRounds(_ store: RunStore) throws -> SignedRounds {
    guard let initial = try store.reader.model(named: "initial") else {
      throw ConsiliumError(
        .storage, "'\(store.folder.url.path)' has lost its initial weights; restore it from a backup")
    }
    return SignedRounds(
      store: store, database: database, audit: audit, identity: identity, study: id,
      digest: try study.digest(), definition: study, proposal: agreement.proposal.statement,
      initialModel: initial.digest,
      now: now,
      offered: { [endpoint] model, record in
        try await endpoint.offer(model, in: record.round + 1, of: record.arm)
      },
      shown: { [endpoint] manifests, arm in await endpoint.show(manifests, of: arm) },
      committed: { [endpoint] record in
        for contribution in record.contributions {
          guard let digest = contribution.updateDigest else { continue }
          await endpoint.forgetUpdate(digest, of: contribution.site)
        }
      })
  }

  /// Instructions for a site that is not ready.
  static let wayOut =
    "Fix it there and resume the study; the signatures stay valid. 'consilium site check' tests whether a site is ready"
}
