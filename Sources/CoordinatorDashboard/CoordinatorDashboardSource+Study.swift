import CoordinatorService
import Credentials
import Dashboard
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Reporting
import StudyRuns

extension CoordinatorDashboardSource {
  /// Assembles the page of a study.
  func page(of study: ObservedStudy) async throws -> StudyPage {
    let run = await runs.run(of: study)
    let hasEnded = study.status.state.hasEnded
    return StudyPage(
      line: line(of: study), version: String(study.status.version), digest: study.status.digest,
      explanation: study.study.explanation().prose, agreement: agreement(of: study),
      readiness: readiness(of: study, run), live: live(study), curves: curves(of: study, run),
      manifests: manifests(of: study, run), results: hasEnded ? results(of: run) : [],
      hasReport: hasEnded && run.report != nil, unit: study.study.unit, waiting: waiting(of: study),
      files: try await files(of: study.status.id),
      statistics: run.statistics)
  }

  private func agreement(of study: ObservedStudy) -> [AgreementLine] {
    study.status.decisions.map { decision in
      let verdict = decision.verdict.flatMap(AgreementLine.Decision.init) ?? .waiting
      return AgreementLine(
        site: decision.site, isRequired: decision.isRequired, decision: verdict,
        signer: verdict == .waiting ? nil : Party(role: .site, name: decision.site.rawValue).description,
        time: decision.time, reason: decision.reason)
    }
  }

  // MARK: Rounds

  private func live(_ study: ObservedStudy) -> [LiveRound] {
    guard study.status.state == .running || study.status.state == .rehearsing, !study.isQueued else {
      return []
    }
    let rounds = study.status.arms.compactMap { arm -> LiveRound? in
      guard let began = arm.roundBegan else { return nil }
      return LiveRound(
        arm: arm.name, isRehearsal: arm.name == NetworkPlan.rehearsal, round: arm.round + 1,
        rounds: arm.rounds, startedAt: began,
        deadline: (study.status.waiting ?? []).filter { $0.arm == arm.name }.compactMap(\.dropsAt).min(),
        sites: work(in: arm, of: study))
    }
    return rounds.filter { $0.sites.count > 1 }
      + rounds.filter { $0.sites.count <= 1 }.sorted { $0.arm < $1.arm }
  }

  private func work(in arm: StudyStatus.Arm, of study: ObservedStudy) -> [LiveRound.Site] {
    let plan = study.plan?.models.first { $0.name == arm.name }
    let members = plan.flatMap { study.plan?.members(of: $0) } ?? study.plan?.members ?? []
    return members.map { site in
      guard let work = arm.sites.first(where: { $0.site == site }) else {
        return LiveRound.Site(site: site, stage: .waiting)
      }
      return LiveRound.Site(
        site: site, stage: LiveRound.Stage(work.stage), step: work.step, stepCount: work.steps,
        loss: work.loss, examplesPerSecond: work.examplesPerSecond,
        secondsLeft: secondsLeft(work, batch: study.study.training.batchSize), note: work.note)
    }
  }

  private func secondsLeft(_ work: StudyStatus.SiteWork, batch: Int) -> Double? {
    guard work.stage == .training, let speed = work.examplesPerSecond, speed > 0 else { return nil }
    return Double((work.steps - work.step) * batch) / speed
  }

  /// The curves of the arm of all sites, and one set of curves for the models that sites train alone.
  private func curves(of study: ObservedStudy, _ run: WatchedRun) -> [ArmCurves] {
    let metric = study.study.evaluation.selectMetric.rawValue
    var groups: [String] = []
    for plan in study.armPlans where !groups.contains(plan.group) { groups.append(plan.group) }
    return groups.compactMap { group in
      let records = study.armPlans.filter { $0.group == group }.flatMap { run.records[$0.name] ?? [] }
      guard !records.isEmpty else { return nil }
      let sites = Set(records.flatMap { $0.contributions.map(\.site) + $0.validation.map(\.site) }).sorted()
      return ArmCurves(
        arm: group, metric: metric,
        bestRound: group == study.mainArm ? records.last?.selection.bestRound : nil,
        isValidated: study.study.validatesRounds,
        sites: sites.map { site in ArmCurves.Site(site, metric: metric, in: records) })
    }
  }

  /// The manifests. The page reverses their order, so the manifests of the arm of all sites come last here.
  private func manifests(of study: ObservedStudy, _ run: WatchedRun) -> [ManifestRecord] {
    study.armPlans.reversed().flatMap { plan in
      (run.records[plan.name] ?? []).compactMap { record in
        guard let signing = run.signings[plan.name]?[record.round] else { return nil }
        return ManifestRecord(
          arm: record.arm, round: record.round, time: signing.time, seconds: record.seconds,
          contributors: record.contributions.map {
            .init(
              site: $0.site, samples: $0.summary.exampleCount, updateDigest: $0.updateDigest ?? "",
              hasSigned: signing.sites.contains($0.site))
          }, dropped: record.dropped.map { .init(site: $0.site, reason: $0.reason) },
          modelDigest: record.modelDigest)
      }
    }
  }

  private func results(of run: WatchedRun) -> [ResultsTable] {
    guard let results = run.results else { return [] }
    return results.study.metrics.compactMap { metric in
      let matrix = ResultMatrix(results, metric: metric)
      let rows = matrix.rows.map { row in
        ResultsTable.Row(
          model: row.label, trainedAt: row.site, values: matrix.sites.map { matrix[row, $0]?.value })
      }
      // Do not show a table for a metric that no site could compute.
      guard rows.contains(where: { $0.values.contains { $0 != nil } }) else { return nil }
      return ResultsTable(metric: metric, sites: matrix.sites, rows: rows)
    }
  }
}

extension LiveRound.Stage {
  init(_ stage: StudyStatus.SiteWork.Stage) {
    self =
      switch stage {
      case .assigned: .waiting
      case .training: .training
      case .delivered: .finished
      case .validating: .validating
      case .dropped: .dropped
      }
  }
}

extension ArmCurves.Site {
  init(_ site: SiteID, metric: String, in records: [RoundRecord]) {
    self.init(
      site: site,
      validation: records.compactMap { record in
        record.validation.first { $0.site == site }?.evaluation[metric]
          .map { ArmCurves.Point(round: record.round, value: $0.value) }
      },
      loss: records.compactMap { record in
        record.contributions.first { $0.site == site }?.summary.loss
          .map { ArmCurves.Point(round: record.round, value: $0) }
      })
  }
}
