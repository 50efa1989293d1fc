import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyAgreement
import StudyRuns

extension NetworkStudy {
  /// Has every site evaluate every model on its test data.
  func test(_ models: [FinalModel]) async throws -> [TestedModel] {
    let rounds = try runner.signedRounds(store)
    for (index, model) in models.enumerated() {
      await runner.endpoint.show(
        try rounds.manifests(of: model.plan.name), withTest: index + 1, of: NetworkPlan.tests)
    }
    let rows = try await rows(models.map(\.model), with: models.map(\.outcome.bestModel))
    return zip(models, rows).map { TestedModel($0, test: $1) }
  }

  /// The rows of the evaluation matrix.
  ///
  /// A row lacks the entry of a site that fails, and of a site whose policy withholds its results. It also
  /// lacks the entry of an optional site that misses the deadline; that site is left out of all later rows.
  private func rows(_ models: [StoredModel], with parameters: [ModelParameters]) async throws
    -> [[SiteResult]]
  {
    guard let layout = parameters.first?.layout else { return [] }
    let mailbox = CoordinatorMailbox()
    await runner.endpoint.open(mailbox, arm: NetworkPlan.tests, layout: layout)
    var rows: [[SiteResult]] = []
    var mail = mailbox.mail.makeAsyncIterator()
    var sites = sites
    for (index, (model, parameters)) in zip(models, parameters).enumerated() {
      let round = index + 1
      runner.events(.roundStarted(arm: NetworkPlan.tests, round: round, rounds: models.count))
      var row: [SiteResult] = []
      for site in sites {
        if let kept = try store.reader.evaluation(of: model.name, digest: model.digest, on: site) {
          row.append(SiteResult(site: site, evaluation: kept))
        }
      }
      let missing = sites.filter { site in !row.contains { $0.site == site } }
      for site in missing { runner.events(.siteStarted(arm: NetworkPlan.tests, round: round, site: site)) }
      let reminder = remind(of: mailbox)
      defer { reminder.cancel() }
      let outcome = try await host(mailbox, testing: model, round: round).run(
        EvaluationStage(.test(models: models.count)),
        StageTask(
          round: round, plan: ExchangePlan(stages: [.init(members: missing)]), required: runner.required),
        from: parameters, &mail)
      row += outcome.results.map { SiteResult(site: $0.site, evaluation: $0.evaluation) }
      sites.removeAll(where: outcome.late.contains)
      await runner.note("")
      rows.append(row.sorted { $0.site < $1.site })
    }
    await mailbox.close()
    await runner.endpoint.end(arm: NetworkPlan.tests)
    return rows
  }

  /// After a minute, names the sites that the study is still waiting for. Otherwise nothing would explain why
  /// the study does not end.
  func remind(of mailbox: CoordinatorMailbox, for work: String = "the final evaluation")
    -> Task<Void, any Error>
  {
    Task { [runner] in
      try await Task.sleep(for: .seconds(60))
      let names = await mailbox.busySites.map { "'\($0)'" }.joined(separator: ", ")
      if !names.isEmpty { await runner.note("\(work) waits for \(names)") }
    }
  }

  /// Creates the stage host that runs the test of one model. It saves each result on arrival.
  private func host(_ mailbox: CoordinatorMailbox, testing model: StoredModel, round: Int) -> StageHost {
    StageHost(
      arm: NetworkPlan.tests, mailbox: mailbox, deadline: runner.absence, journal: InMemoryJournal()
    ) { [store, runner] note in
      if case .evaluated(let site, let evaluation) = note {
        try await store.save(evaluation, of: model.name, digest: model.digest, on: site)
      }
      runner.events(RunEvent(note, arm: NetworkPlan.tests, round: round))
    }
  }

  func environment(started: String) async throws -> EnvironmentRecord {
    let engines = ready.compactMap(\.engine)
    let engine = engines.first
    let data = ready.first?.data
    return EnvironmentRecord(
      command: "consilium study propose STUDY, then consilium study start \(runner.id)",
      seed: study.header.seed, threads: engine?.threads ?? study.training.threads, workers: ready.count,
      device: Set(engines.map(\.device)).sorted().joined(separator: ", "),
      cpuFeatures: engine?.cpuFeatures ?? [], precision: data?.precision ?? "fp32",
      memoryFormat: data?.memoryFormat ?? "contiguous",
      versions: [
        .init(name: "Consilium", value: consiliumVersion),
        .init(name: "engine", value: Set(engines.map(\.engine)).sorted().joined(separator: ", ")),
      ], started: started, ended: runner.now().formatted(.iso8601))
  }
}
