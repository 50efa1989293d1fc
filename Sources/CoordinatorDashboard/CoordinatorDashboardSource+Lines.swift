import CoordinatorService
import Credentials
import Dashboard
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyRuns

extension CoordinatorDashboardSource {
  /// Summarises a study in one line, from the values that `study status` prints.
  func line(of study: ObservedStudy) -> StudyLine {
    let status = study.status
    return StudyLine(
      id: status.id, title: status.title, state: status.shownState, round: status.round ?? 0,
      rounds: study.study.federation.rounds, startedAt: status.started, expectedEnd: status.expectedEnd,
      note: status.reason.isEmpty ? nil : status.reason, lead: status.lead.name, endedAt: status.ended,
      late: waiting(of: study).filter { $0.lateSince != nil })
  }

  /// The sites for which a study is waiting, and whether they are connected.
  func waiting(of study: ObservedStudy) -> [WaitingSite] {
    let connected = network.parties()
    return (study.status.waiting ?? []).map { wait in
      var site = WaitingSite(wait)
      site.isConnected = connected.contains(Party(role: .site, name: wait.site.rawValue))
      return site
    }
  }
}

extension ObservedStudy {
  /// The arm that all sites train together.
  var mainArm: String { study.federation.workflow.name.rawValue }

  /// The arms, beginning with the arm of all sites.
  var armPlans: [ArmPlan] {
    let plans = plan?.models ?? []
    return plans.filter { $0.name == mainArm } + plans.filter { $0.name != mainArm }
  }
}
