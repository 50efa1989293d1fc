import FederatedCore
import WorkerProtocol

/// Something that happened in a run. The terminal shows it, `--json` prints it and the run folder stores it.
public enum RunEvent: Sendable, Equatable {
  /// An arm starts, or resumes after `resumedAfter` committed rounds.
  case armStarted(arm: String, sites: [SiteID], rounds: Int, resumedAfter: Int)
  case roundStarted(arm: String, round: Int, rounds: Int)
  case siteStarted(arm: String, round: Int, site: SiteID)
  case siteProgress(arm: String, round: Int, site: SiteID, TrainingProgress)
  case siteFinished(arm: String, round: Int, site: SiteID, TrainingSummary)
  case siteDropped(arm: String, round: Int, site: SiteID, reason: String)
  case siteValidated(arm: String, round: Int, site: SiteID, SiteEvaluation)
  case roundCommitted(RoundRecord)
  case armFinished(arm: String, rounds: Int, bestRound: Int?, modelDigest: String, stoppedEarly: Bool)
  case workerStarted(EngineDescription)
  /// A worker exited or hung and was replaced.
  case workerReplaced(processID: Int32, reason: String)
}

/// Receives a run's events as they happen. Called from several tasks at once, so it must return quickly.
public typealias RunEventHandler = @Sendable (RunEvent) -> Void

extension RunEvent: Encodable {
  private enum Key: String, CodingKey {
    case event, arm, sites, rounds, resumedAfter, round, site, progress, summary, reason, evaluation, record
    case bestRound, modelDigest, stoppedEarly, engine, processID
  }

  /// Encodes the event as one flat object:
  /// `{"event": "round-started", "arm": "fedavg", "round": 1, "rounds": 20}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .event)
    switch self {
    case .armStarted(let arm, let sites, let rounds, let resumedAfter):
      try container.encode(arm, forKey: .arm)
      try container.encode(sites, forKey: .sites)
      try container.encode(rounds, forKey: .rounds)
      try container.encode(resumedAfter, forKey: .resumedAfter)
    case .roundStarted(let arm, let round, let rounds):
      try container.encode(arm, forKey: .arm)
      try container.encode(round, forKey: .round)
      try container.encode(rounds, forKey: .rounds)
    case .siteStarted(let arm, let round, let site):
      try encode(arm, round, site, into: &container)
    case .siteProgress(let arm, let round, let site, let progress):
      try encode(arm, round, site, into: &container)
      try container.encode(progress, forKey: .progress)
    case .siteFinished(let arm, let round, let site, let summary):
      try encode(arm, round, site, into: &container)
      try container.encode(summary, forKey: .summary)
    case .siteDropped(let arm, let round, let site, let reason):
      try encode(arm, round, site, into: &container)
      try container.encode(reason, forKey: .reason)
    case .siteValidated(let arm, let round, let site, let evaluation):
      try encode(arm, round, site, into: &container)
      try container.encode(evaluation, forKey: .evaluation)
    case .roundCommitted(let record):
      try container.encode(record, forKey: .record)
    case .armFinished(let arm, let rounds, let bestRound, let modelDigest, let stoppedEarly):
      try container.encode(arm, forKey: .arm)
      try container.encode(rounds, forKey: .rounds)
      try container.encodeIfPresent(bestRound, forKey: .bestRound)
      try container.encode(modelDigest, forKey: .modelDigest)
      try container.encode(stoppedEarly, forKey: .stoppedEarly)
    case .workerStarted(let engine):
      try container.encode(engine, forKey: .engine)
    case .workerReplaced(let processID, let reason):
      try container.encode(processID, forKey: .processID)
      try container.encode(reason, forKey: .reason)
    }
  }

  private func encode(
    _ arm: String, _ round: Int, _ site: SiteID, into container: inout KeyedEncodingContainer<Key>
  ) throws {
    try container.encode(arm, forKey: .arm)
    try container.encode(round, forKey: .round)
    try container.encode(site, forKey: .site)
  }

  /// The kind of the event as `--json` names it.
  public var name: String {
    switch self {
    case .armStarted: "arm-started"
    case .roundStarted: "round-started"
    case .siteStarted: "site-started"
    case .siteProgress: "site-progress"
    case .siteFinished: "site-finished"
    case .siteDropped: "site-dropped"
    case .siteValidated: "site-validated"
    case .roundCommitted: "round-committed"
    case .armFinished: "arm-finished"
    case .workerStarted: "worker-started"
    case .workerReplaced: "worker-replaced"
    }
  }
}
