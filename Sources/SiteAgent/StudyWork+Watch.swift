import AuditLog
import FederatedCore
import Foundation

/// Watches for signs that the coordinator sends models of its own making. A warning stops nothing.
extension StudyWork {
  /// Compares the lengths of the arm's updates. Unusual ones are entered in the audit log before they leave.
  func norms(of arm: String) -> FileUpdateNorms {
    FileUpdateNorms(
      file: folder.appending(path: "watch/\(arm)-updates.json"), learningRate: learningRate
    ) { [self] warning in
      try await warn(warning, of: arm, .updateUnusual, "the update", "this site's updates usually are")
    }
  }

  /// Compares the arm's models. Unusual ones are entered in the audit log before the site trains from them.
  func models(of arm: String) -> ModelWatch {
    ModelWatch(
      file: folder.appending(path: "watch/\(arm)-models.json"), learningRate: learningRate
    ) { [self] warning in
      try await warn(
        warning, of: arm, .modelUnusual, "the step from the previous model to that",
        "the steps of the model usually are")
    }
  }

  private var learningRate: @Sendable (Int) -> Double {
    let study = study
    return { study.learningRate(inRound: $0 - 1) }
  }

  private func warn(
    _ warning: LengthHistory.Warning, of arm: String, _ action: AuditAction, _ what: String, _ usually: String
  ) async throws {
    let times = String(format: "%.3g", warning.times)
    log(
      "study \(notice.study), arm \(arm): \(what) of round \(warning.round) is \(times) times as long as \(usually). The "
        + "coordinator may have sent a model of its own making; look at the models in the audit log (consilium audit show), "
        + "and withdraw from the study if in doubt")
    try await audit.append(
      AuditRecord(
        action, by: identity().party,
        of: AuditSubject(
          study: notice.study, digest: agreed.digest, arm: arm, round: warning.round, site: site),
        details: [
          "length": String(format: "%.6g", warning.length), "usual": String(format: "%.6g", warning.usual),
        ]), at: now())
  }
}
