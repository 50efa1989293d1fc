import AuditLog
import FederatedCore
import Foundation
import StudyAgreement

/// Studies that a storage error has paused go on by themselves once the cause has passed.
extension CoordinatorService {
  /// Resumes the study after a pause, which doubles each time until a round is committed.
  func resumeLater(_ id: String) {
    guard let entry = entries[id], entry.stored.state == .paused, !Task.isCancelled else { return }
    let pause = min(
      configuration.storageResumption.lowerBound * (1 << min(entry.storagePauses, 20)),
      configuration.storageResumption.upperBound)
    entries[id]?.storagePauses += 1
    let reason = entry.stored.reason
    entries[id]?.resumption?.cancel()
    entries[id]?.resumption = Task {
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      await resumeAgain(id, whilePausedFor: reason)
    }
  }

  /// Resumes the study if nobody has changed its state in the meantime.
  private func resumeAgain(_ id: String, whilePausedFor reason: String) async {
    guard let stored = entries[id]?.stored, stored.state == .paused, stored.reason == reason else { return }
    do {
      try await resume(id, by: party)
    } catch let error as ConsiliumError where error.code == .storage {
      resumeLater(id)
    } catch {
      // For example, a site has withdrawn its signature: a person decides.
    }
  }
}
