import AdversaryTesting
import AuditLog
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyAgreement
import StudyProtocol
import StudyRuns

@testable import SiteAgent

/// A site with a real session, a journal on disk, the admission of its signed study and the default policy. Only
/// its engine is replaced.
final class LiedToSite: Sendable {
  let study: HonestStudy
  let arm: String
  private let checksChain: Bool
  let trainer = CountingTrainer()
  let files: AgentFiles
  private let refusals: RefusalLog

  init(_ study: HonestStudy, arm: String, checksChain: Bool = false) throws {
    self.checksChain = checksChain
    self.study = study
    self.arm = arm
    let files = try AgentFiles()
    self.files = files
    refusals = RefusalLog(try files.openLog(), party: { files.identity.party }, now: { Date() })
  }

  /// Serves until the coordinator has no more questions, and starts again after each refusal.
  ///
  /// - Parameters:
  ///   - ending: how the study ended at the site; `nil` if it has not ended.
  ///   - attempts: the coordinator's attempts after the first.
  /// - Returns: the messages of the refusals.
  func serve(
    _ coordinator: LyingCoordinator, after ending: StudyCourse.Ending? = nil, _ attempts: [SignedAttempt] = []
  ) async throws
    -> [String]
  {
    var messages: [String] = []
    while await !coordinator.isDone {
      do {
        try await start(coordinator, ending, attempts)
      } catch let error as ConsiliumError where error.refusal != nil {
        messages.append(error.message)
      }
    }
    return messages
  }

  /// Starts the site's work in the arm, as an agent does.
  private func start(
    _ coordinator: LyingCoordinator, _ ending: StudyCourse.Ending?, _ attempts: [SignedAttempt]
  ) async throws {
    let folder = files.folder.url.appending(path: arm)
    let store = try BlobStore(folder.appending(path: "store"))
    let journal = try FileSiteJournal(
      folder: folder.appending(path: "journal/\(arm)"), site: study.site, store: store, ending: ending,
      attempts: ArmAttempts(attempts, of: arm))
    let session = SiteSession(
      site: study.site, stages: try study.plan.stages(of: arm), trainer: trainer,
      gate: ReleaseGate(SitePolicy(), for: study.study), journal: journal)
    let transport = try AgreedTransport(
      base: coordinator, plan: study.plan, arm: arm, models: checksChain ? check(folder, attempts) : nil,
      stillAgrees: {})
    try await refusals.watching(AuditSubject(study: "clinic", arm: arm)) {
      try await session.serve(over: transport)
    }
  }

  private func check(_ folder: URL, _ attempts: [SignedAttempt]) throws -> ModelCheck {
    let (study, journals) = (study, folder.appending(path: "journal"))
    let digest = try study.study.digest()
    let terms = { @Sendable (arm: String) in
      ModelChain.Terms(
        study: digest, arm: arm, required: study.consortium.proposal.statement.required(in: arm, of: nil),
        start: study.start, authority: { study.consortium.authority.authority }, now: { Date() })
    }
    return switch arm {
    case NetworkPlan.rehearsal: .rehearsal(study.model(0))
    case NetworkPlan.tests: .tests(FinalChains(study.plan, in: journals, attempts: attempts, terms: terms))
    default:
      .rounds(
        try ModelChain(
          terms(arm), in: journals.appending(path: arm), attempts: ArmAttempts(attempts, of: arm)),
        try study.plan.exchange(of: arm).isRing
          ? RingCheck(
            site: study.site, members: study.plan.members, terms: terms(arm),
            weighting: WeightRule(study.study, arm: arm)) : nil)
    }
  }
}
