import AdversaryTesting
import AuditLog
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyProtocol

@testable import SiteAgent

/// A site with a real session, a journal on disk, the admission of its signed study and the default policy. Only
/// its engine is replaced.
final class LiedToSite: Sendable {
  let study: HonestStudy
  let arm: String
  let trainer = CountingTrainer()
  let files: AgentFiles
  private let refusals: RefusalLog

  init(_ study: HonestStudy, arm: String) throws {
    self.study = study
    self.arm = arm
    let files = try AgentFiles()
    self.files = files
    refusals = RefusalLog(try files.openLog(), party: { files.identity.party }, now: { Date() })
  }

  /// Serves until the coordinator has no more questions, and starts again after each refusal.
  ///
  /// - Parameter ending: how the study ended at the site; `nil` if it has not ended.
  /// - Returns: the messages of the refusals.
  func serve(_ coordinator: LyingCoordinator, after ending: StudyCourse.Ending? = nil) async throws
    -> [String]
  {
    var messages: [String] = []
    while await !coordinator.isDone {
      do {
        try await start(coordinator, ending)
      } catch let error as ConsiliumError where error.refusal != nil {
        messages.append(error.message)
      }
    }
    return messages
  }

  /// Starts the site's work in the arm, as an agent does.
  private func start(_ coordinator: LyingCoordinator, _ ending: StudyCourse.Ending?) async throws {
    let folder = files.folder.url.appending(path: arm)
    let store = try BlobStore(folder.appending(path: "store"))
    let journal = try FileSiteJournal(
      folder: folder.appending(path: "journal/\(arm)"), site: study.site, store: store, ending: ending)
    let session = SiteSession(
      site: study.site, stages: try study.plan.stages(of: arm), trainer: trainer,
      gate: ReleaseGate(SitePolicy(), for: study.study), journal: journal)
    let transport = AgreedTransport(base: coordinator, plan: study.plan, arm: arm, stillAgrees: {})
    try await refusals.watching(AuditSubject(study: "clinic", arm: arm)) {
      try await session.serve(over: transport)
    }
  }
}
