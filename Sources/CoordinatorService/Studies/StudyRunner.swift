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
/// ``NetworkStudy`` does the steps of the run; this type holds what they need and outlives a run.
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
  /// Called once the rehearsal is over and the rounds begin.
  let began: @Sendable () async -> Void
  /// Told what the study waits for; empty once it waits no more.
  let note: @Sendable (String) async -> Void
  /// The file of initial weights that the lead sent; `nil` if every site makes them from the study's seed.
  var givenWeights: URL?

  /// What a run leaves for those who took part.
  struct Outcome: Sendable {
    var results: StudyResults
    var models: [FinishedModel]
    /// Paths within the results and the files themselves.
    var files: [(path: String, url: URL)]
  }

  var required: Set<SiteID> { study.requiredSites(of: plan.members) }

  /// - Throws: ``ConsiliumError``: `.partial` if a required site is missing, `.cancelled` if the task was
  ///   cancelled.
  func run() async throws -> Outcome {
    let reports = try await board.wait(for: plan.members, required: required, patience: patience)
    let admission = try StudyAdmission(of: candidates(reports), to: study, words: Self.admissionWords)
    let store = try openStore()
    do {
      let host = NetworkStudy(
        runner: self, sites: admission.sites,
        ready: reports.filter { admission.sites.contains($0.site) }, store: store)
      let conclusion = try await driver(admission, host).run()
      let rounds = try signedRounds(store)
      let outcome = try await offer(conclusion, rounds, in: store)
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

  /// All members of the study; a member without a report counts as not ready.
  func candidates(_ reports: [SiteReadiness]) -> [StudyCandidate] {
    plan.members.map { site in
      let report = reports.first { $0.site == site }
      var obstacles = report?.obstacles ?? ["it has not reported"]
      if let report, obstacles.isEmpty, !report.isReady { obstacles = ["it sent no initial weights"] }
      return StudyCandidate(
        site: site, data: report?.data, isGenerated: report?.isGenerated ?? false, obstacles: obstacles)
    }
  }

  static let admissionWords = StudyAdmission.Words(
    code: .unavailable, advice: wayOut, exclusion: "it was not ready when the study began")

  func openStore(trains: Bool = true) throws -> RunStore {
    // Of all that were asked: a site that signs late or withdraws changes who takes part, not what the run is of.
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
        .storage, "'\(store.folder.url.path)' has lost its initial weights; restore it from a copy")
    }
    return SignedRounds(
      store: store, database: database, audit: audit, identity: identity, study: id,
      digest: try study.digest(), proposal: agreement.proposal.statement, initialModel: initial.digest,
      now: now,
      offered: { [endpoint] model, record in
        try await endpoint.offer(model, in: record.round + 1, of: record.arm)
      },
      committed: { [endpoint] record in
        for contribution in record.contributions {
          guard let digest = contribution.updateDigest else { continue }
          await endpoint.forgetUpdate(digest, of: contribution.site)
        }
      })
  }

  /// Instructions for a site that is not ready.
  static let wayOut =
    "Mend it there and resume the study; the signatures stay valid. 'consilium site check' tries it out"
}
