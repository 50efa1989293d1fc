/// The kinds of events that an audit log records.
///
/// A log of a later version may contain other kinds; see ``AuditEntry/kind``.
public enum AuditAction: String, Sendable, Codable, CaseIterable {
  /// The first entry, which names the log's owner.
  case logOpened = "log-opened"
  /// A line that a crash left unfinished was removed.
  case logRepaired = "log-repaired"
  /// The owner signed all entries before this one.
  case logSealed = "log-sealed"

  case serviceStarted = "service-started"
  case serviceStopped = "service-stopped"

  case studyProposed = "study-proposed"
  case studyReviewed = "study-reviewed"
  case studySigned = "study-signed"
  case studyDeclined = "study-declined"
  case studyAgreed = "study-agreed"
  case studyRehearsed = "study-rehearsed"
  case studyStarted = "study-started"
  case studyPaused = "study-paused"
  case studyResumed = "study-resumed"
  case studyAborted = "study-aborted"
  case studyEnded = "study-ended"
  /// The coordinator lists a study as running although it has ended at this site. The site then only sends
  /// its earlier answers again.
  case studyReopened = "study-reopened"
  /// The coordinator has lost rounds and begins them again.
  case attemptBegun = "attempt-begun"

  case roundCommitted = "round-committed"
  case roundFailed = "round-failed"
  case siteDropped = "site-dropped"

  case modelReceived = "model-received"
  case modelReleased = "model-released"
  case updateReceived = "update-received"
  case updateReleased = "update-released"
  case updateRefused = "update-refused"
  /// An update that was about to leave has a length far from that of the site's earlier updates.
  case updateUnusual = "update-unusual"
  /// A model from which the site is to train is unusually far from the model before it.
  case modelUnusual = "model-unusual"
  case evaluationReleased = "evaluation-released"
  case statisticsReleased = "statistics-released"
  /// The site released a message whose kind has no action of its own; the details name the kind.
  case messageReleased = "message-released"
  /// The site began to answer a streamed question with frames; the details name the kind of question.
  case conversationOpened = "conversation-opened"
  /// A site refused a question of the coordinator; nothing was computed or sent.
  case questionRefused = "question-refused"
  /// A site's staff permitted numbers about almost the same patients as in earlier releases, in one study.
  case overlapPermitted = "overlap-permitted"

  case siteConnected = "site-connected"
  case siteDisconnected = "site-disconnected"
  case connectionRefused = "connection-refused"
  case signedIn = "signed-in"
  case signInRefused = "sign-in-refused"

  case certificateIssued = "certificate-issued"
  case certificateRenewed = "certificate-renewed"
  case certificateRevoked = "certificate-revoked"

  case policyChanged = "policy-changed"
  case policyRefused = "policy-refused"
}
