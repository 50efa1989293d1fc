import FederatedCore
import FederatedRuntime
import Foundation
import Simulator

/// Formats the lines that stay on the terminal or in a log for later reading.
enum NewsLine {
  /// The lines that report an event; none for an event that matters only while it happens.
  static func lines(of event: SimulationEvent) -> [String] {
    switch event {
    case .siteChecked(let site, let session):
      let counts = session.parts.map { "\($0.part.rawValue) \($0.patients)" }.joined(separator: ", ")
      return ["site \(site): \(session.unit.plural) in \(counts)"] + session.findings.map(line)
    case .run(let event): return [line(of: event)].compactMap(\.self)
    case .modelTested: return []
    case .reportWritten(let file): return ["report: \(file.path)"]
    }
  }

  static func line(of finding: DataFinding) -> String {
    "\(finding.severity.rawValue): site \(finding.site): \(finding)".onOneLine
  }

  private static func line(of event: RunEvent) -> String? {
    switch event {
    case .armStarted(let arm, let sites, let rounds, let resumedAfter):
      let names = sites.map(\.rawValue).joined(separator: ", ")
      return resumedAfter > 0
        ? "\(arm): resuming after round \(resumedAfter) of \(rounds)  (\(names))"
        : "\(arm): \(rounds) rounds  (\(names))"
    case .siteDropped(let arm, let round, let site, let reason):
      return "\(arm): round \(round): site \(site) was dropped: \(reason)"
    case .roundCommitted(let record): return line(of: record)
    case .armFinished(let arm, let rounds, let best, let digest, let stoppedEarly):
      let early = stoppedEarly ? ", stopped early" : ""
      let chosen = best.map { ", the result is from round \($0)" } ?? ""
      return "\(arm): finished after \(rounds) rounds\(early)\(chosen), model \(digest.prefix(12))"
    case .workerReplaced(let process, let reason):
      return "worker process \(process) was replaced: \(reason)"
    case .roundStarted, .siteStarted, .siteProgress, .siteFinished, .siteValidated, .workerStarted: return nil
    }
  }

  private static func line(of record: RoundRecord) -> String {
    var parts = ["\(record.arm): round \(record.round)"]
    if let loss = meanLoss(record.contributions) { parts.append(ProgressLines.loss(loss)) }
    if let score = record.selection.score, !record.validation.isEmpty {
      let best = record.selection.isBestByScore(record.round) ? " (best)" : ""
      parts.append("validation \(String(format: "%.4f", score))\(best)")
    }
    parts.append(String(format: "%.1f s", record.seconds))
    return parts.joined(separator: "  ")
  }

  /// The mean loss over the sites that report one, with the weights of the sites' updates.
  private static func meanLoss(_ contributions: [Contribution]) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    for contribution in contributions {
      guard let loss = contribution.summary.loss else { continue }
      sum += contribution.weight * loss
      weight += contribution.weight
    }
    return weight > 0 ? sum / weight : nil
  }
}
