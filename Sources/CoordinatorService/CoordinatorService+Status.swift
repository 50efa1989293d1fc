import Credentials
import FederatedCore
import Foundation
import RunStore
import StudyAgreement
import StudyProtocol
import StudyRuns

extension CoordinatorService {
  /// The current status of one study: the only source for `study status` and the dashboard.
  func status(of id: String) async throws -> StudyStatus {
    let entry = try entry(id)
    let proposal = entry.stored.agreement.proposal
    let arms = entry.arms.arms
    var status = StudyStatus(
      id: id, name: entry.study.header.name, version: entry.study.header.version,
      title: entry.study.header.title, digest: entry.stored.digest, lead: proposal.lead,
      state: entry.stored.state,
      reason: entry.stored.reason.isEmpty && queue.contains(id)
        ? "waits until another study has ended" : entry.stored.reason,
      decisions: decisions(entry), readiness: await entry.board.all, forecast: try database.forecast(of: id),
      arms: arms)
    status.phase = phase(of: id, entry)
    status.round = arms.first { $0.name == entry.study.federation.workflow.name.rawValue }?.round ?? 0
    status.rounds = entry.study.federation.rounds
    (status.proposed, status.started) = (proposal.signed.signature.time, entry.stored.started)
    status.ended = entry.stored.ended
    if status.phase == .running { status.expectedEnd = expectedEnd(entry) }
    status.waiting = waits(of: id, entry, status)
    status.attempt = entry.stored.attempts.count + 1
    status.proposal = try proposal.statement.digest()
    return status
  }

  private func decisions(_ entry: Entry) -> [StudyStatus.Decision] {
    let proposal = entry.stored.agreement.proposal
    return proposal.statement.invited.map { site in
      let last = entry.stored.agreement.decisions.last { $0.statement.site == site }
      return .init(
        site: site, isRequired: proposal.statement.required.contains(site),
        verdict: last?.statement.verdict.rawValue, reason: last?.statement.reason,
        time: last?.signature.time)
    }
  }

  private func phase(of id: String, _ entry: Entry) -> StudyPhase {
    switch entry.stored.state {
    case .proposed: .proposed
    case .ready: .ready
    case .rehearsing: queue.contains(id) ? .queued : .rehearsing
    case .running: queue.contains(id) ? .queued : .running
    case .paused: .paused
    case .finished: .finished
    // A failed study that has result files ended without a part that it requires.
    case .failed: entry.files.isEmpty ? .failed : .partial
    case .aborted: .aborted
    }
  }

  /// The expected end of the study, from the mean duration of each arm's recent rounds. Arms run in parallel.
  /// `nil` until every arm has committed a round.
  private func expectedEnd(_ entry: Entry) -> Date? {
    guard let plan = entry.plan else { return nil }
    var longest = 0.0
    for model in plan.models {
      guard let arm = entry.arms.arms.first(where: { $0.name == model.name }) else { return nil }
      guard !arm.hasEnded else { continue }
      guard let seconds = arm.recentSeconds else { return nil }
      longest = max(longest, Double(entry.study.federation.rounds - arm.round) * seconds)
    }
    return now() + longest
  }

  /// Restores the rounds in a study's run folder after a restart of the coordinator.
  func restoreRounds(_ entry: inout Entry) {
    let run = configuration.folder(of: entry.stored.id).appending(path: "run")
    guard let plan = entry.plan, let reader = try? RunReader(run) else { return }
    for model in plan.models {
      guard let last = try? reader.lastRound(of: model.name), last > 0,
        let records = try? reader.records(of: model.name, after: last - 5)
      else { continue }
      let isFinished = (try? reader.model(named: model.name)) != nil
      entry.arms.restore(
        records, of: model.name, rounds: entry.study.federation.rounds,
        hasEnded: isFinished || last >= entry.study.federation.rounds)
    }
    if entry.stored.started == nil { entry.stored.started = (try? reader.started()).flatMap(Self.time) }
  }

  private static func time(_ text: String) -> Date? {
    (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: .iso8601))
  }
}
