import FederatedCore
import Foundation
import StudyProtocol
import StudyRuns

extension CoordinatorService {
  /// The sites that a running study waits for, sorted by the time at which they will be dropped.
  func waits(of id: String, _ entry: Entry, _ status: StudyStatus) -> [StudyWait] {
    guard let plan = entry.plan, entry.task != nil, !queue.contains(id) else { return [] }
    let patience = SitePatience(
      required: entry.study.requiredSites(of: plan.members), patience: configuration.patience,
      absence: configuration.absence, forecast: status.forecast)
    return (readinessWaits(entry, plan, status, patience) + roundWaits(entry, plan, patience)).sorted {
      ($0.dropsAt ?? .distantFuture, $0.since, $0.site) < ($1.dropsAt ?? .distantFuture, $1.since, $1.site)
    }
  }

  private func readinessWaits(
    _ entry: Entry, _ plan: NetworkPlan, _ status: StudyStatus, _ patience: SitePatience
  ) -> [StudyWait] {
    guard let since = entry.readinessAsked else { return [] }
    let heard = Set(status.readiness.map(\.site))
    return plan.members.filter { !heard.contains($0) }.map { site in
      let isRequired = patience.required.contains(site)
      let deadline = isRequired ? nil : configuration.patience
      return wait(
        for: site, .readiness, since: since, deadline,
        allowance: patience.allowance(for: site, arms: 1, deadline: deadline), isRequired: isRequired)
    }
  }

  private func roundWaits(_ entry: Entry, _ plan: NetworkPlan, _ patience: SitePatience) -> [StudyWait] {
    entry.arms.arms.filter { $0.roundBegan != nil }.flatMap { arm in
      let model = plan.models.first { $0.name == arm.name }
      let members = model.map { plan.members(of: $0) } ?? plan.members
      return arm.sites.compactMap { work -> StudyWait? in
        guard let since = work.since, [.assigned, .training, .validating].contains(work.stage) else {
          return nil
        }
        let isRequired = patience.required.contains(work.site)
        let deadline = isRequired ? nil : patience.deadline(of: arm.name, members: members)
        var wait = wait(
          for: work.site, StudyWait.Work(arm.name, work.stage), since: since, deadline,
          allowance: patience.allowance(
            for: work.site, arms: plan.arms(of: work.site).count - 2, deadline: deadline),
          isRequired: isRequired)
        (wait.arm, wait.round) = (arm.name, min(arm.round + 1, max(1, arm.rounds)))
        return wait
      }
    }
  }

  private func wait(
    for site: SiteID, _ work: StudyWait.Work, since: Date, _ deadline: Duration?, allowance: TimeInterval,
    isRequired: Bool
  ) -> StudyWait {
    let limit = since + allowance
    return StudyWait(
      site: site, work: work, since: since, lateSince: now() >= limit ? limit : nil,
      dropsAt: deadline.map { since + $0 / .seconds(1) }, isRequired: isRequired)
  }
}

extension StudyWait.Work {
  fileprivate init(_ arm: String, _ stage: StudyStatus.SiteWork.Stage) {
    self =
      switch arm {
      case NetworkPlan.rehearsal: .rehearsal
      case NetworkPlan.tests: .finalEvaluation
      default: stage == .validating ? .validation : .training
      }
  }
}
