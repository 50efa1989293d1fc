import AuditLog
import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import StudyRuns

/// The ends of runs: a study finishes, pauses or fails, and its new state is stored before it counts.
extension CoordinatorService {
  func ended(_ id: String, _ ending: Result<StudyRunner.Outcome, any Error>) async {
    entries[id]?.arms.rest()
    entries[id]?.readinessAsked = nil
    do {
      try await finish(id, try ending.get())
    } catch {
      await stopped(id, ConsiliumError(wrapping: error))
    }
    // A seal that fails now is made with a later entry, and shown by `faults` until then.
    try? await audit.seal(at: now())
    entries[id]?.task = nil
    schedule()
  }

  /// Stores that a study has finished, and then offers its results.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`. The study is then paused; when it is resumed, all its
  ///   work is found in its folder.
  private func finish(_ id: String, _ outcome: StudyRunner.Outcome) async throws {
    try await enter(
      AuditRecord(
        .studyEnded, by: party, of: AuditSubject(study: id, digest: entries[id]?.stored.digest),
        details: Dictionary(
          outcome.models.map { ("model \($0.name)", $0.digest) }, uniquingKeysWith: { $1 })))
    // Someone may have aborted the study at this moment.
    guard entries[id]?.stored.state.hasEnded == false else { return }
    var reason = ""
    if case .partial(_, let why) = outcome.results.status { reason = why }
    try set(reason.isEmpty ? .finished : .failed, reason: reason, of: id)
    entries[id]?.models = outcome.models
    entries[id]?.files = outcome.files
    // The final models are on disk and offered, so the files of the rounds are no longer needed.
    await entries[id]?.endpoint?.clear()
    changed()
  }

  private func stopped(_ id: String, _ error: ConsiliumError) async {
    await entries[id]?.endpoint?.close()
    entries[id]?.endpoint = nil
    switch error.code {
    case .cancelled: return
    case .storage:
      // No finished work is lost. The study goes on by itself once there is space again, or a person
      // resumes it.
      await settle(.paused, reason: error.message, of: id)
      resumeLater(id)
    case .unavailable:
      // A person must make a site's data reachable again, and then resume the study. No finished work is
      // lost.
      await settle(.paused, reason: error.message, of: id)
    default:
      await settle(
        .failed, reason: error.message, of: id,
        AuditRecord(
          .studyEnded, by: party, of: AuditSubject(study: id, digest: entries[id]?.stored.digest),
          details: ["reason": error.message]))
      if entries[id]?.stored.state == .failed { await salvage(id) }
    }
  }

  /// Stores the state in which a run has ended. As long as that fails, such as on a full disk, the study
  /// shows the reason, and may be resumed.
  private func settle(
    _ state: StudyState, reason: String, of id: String, _ record: AuditRecord? = nil
  ) async {
    var record = record
    while entries[id]?.stored.state.isActive == true {
      do {
        if let waiting = record {
          try await enter(waiting)
          record = nil
        }
        try set(state, reason: reason, of: id)
        entries[id]?.isUnsettled = false
        return
      } catch {
        entries[id]?.isUnsettled = true
        let fault = ConsiliumError(wrapping: error).message
        note(reason == fault ? reason : "\(reason); the coordinator cannot store this: \(fault)", of: id)
      }
      // A person who resumes, pauses or aborts the study ends the wait, and so does the end of the service.
      guard (try? await Task.sleep(for: configuration.storageRetry)) != nil else { return }
    }
  }
}
