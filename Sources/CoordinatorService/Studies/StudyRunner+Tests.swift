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

extension StudyRunner {
  /// Has every site evaluate every model on its test data: the rows of the evaluation matrix.
  ///
  /// A site whose policy keeps its results to itself, or that fails, is missing from the row; so is one that the study can do without
  /// and that does not answer in time, which is not asked again.
  func test(_ models: [StoredModel], with parameters: [ModelParameters], sites: [SiteID], _ store: RunStore)
    async throws -> [[SiteResult]]
  {
    guard let layout = parameters.first?.layout else { return [] }
    let desk = CoordinatorDesk<ModelParameters>()
    await room.open(desk, arm: NetworkPlan.tests, layout: layout)
    var rows: [[SiteResult]] = []
    var mail = desk.mail.makeAsyncIterator()
    var sites = sites
    for (index, (model, parameters)) in zip(models, parameters).enumerated() {
      let id = Assignment.ID(round: index + 1, stage: nil)
      var row: [SiteResult] = []
      var waiting: Set<SiteID> = []
      let arm = NetworkPlan.tests
      events(.roundStarted(arm: arm, round: index + 1, rounds: models.count))
      for site in sites {
        if let kept = try store.reader.evaluation(of: model.name, digest: model.digest, on: site) {
          row.append(SiteResult(site: site, evaluation: kept))
          continue
        }
        await desk.assign(Assignment(id: id, model: parameters, work: .evaluate(.test)), to: site)
        waiting.insert(site)
        events(.siteStarted(arm: arm, round: index + 1, site: site))
      }
      // Nothing else would say why the study does not end.
      let notice = Assignment.ID(round: index + 1, stage: 0)
      let alarms = [desk.ring(id, after: absence), desk.ring(notice, after: .seconds(60))]
      defer { for alarm in alarms { alarm.cancel() } }
      while !waiting.isEmpty {
        guard let item = await mail.next() else { throw ConsiliumError(.cancelled, "stopped") }
        if case .deadline(notice) = item {
          let names = waiting.sorted().map { "'\($0)'" }.joined(separator: ", ")
          await note("the final evaluation waits for \(names)")
        }
        if case .deadline(id) = item {
          let late = waiting.subtracting(required)
          for site in late.sorted() {
            await desk.withdraw(from: site)
            events(
              .siteDropped(arm: arm, round: index + 1, site: site, reason: "it sent no result in time"))
          }
          waiting.subtract(late)
          sites.removeAll(where: late.contains)
        }
        guard case .answer(let received) = item, received.id == id,
          waiting.remove(received.site) != nil, case .evaluation(let evaluation) = received.answer
        else { continue }
        try await store.save(evaluation, of: model.name, digest: model.digest, on: received.site)
        row.append(SiteResult(site: received.site, evaluation: evaluation))
        events(.siteValidated(arm: arm, round: index + 1, site: received.site, evaluation))
      }
      await note("")
      rows.append(row.sorted { $0.site < $1.site })
    }
    await desk.close()
    await room.end(arm: NetworkPlan.tests)
    return rows
  }

  /// Writes the report and the manifests that travel with the models.
  func finish(
    _ tested: [TestedModel], _ arms: [(plan: ArmPlan, ending: ArmEnding)], ready: [SiteReadiness],
    store: RunStore, rounds: SignedRounds
  ) async throws -> Outcome {
    let results = try resultsBuilder(ready, started: try store.reader.started())
      .results(of: tested, failed: arms.compactMap(\.ending.failure))
    try Report(results).write(to: store.folder.url)
    var models: [FinishedModel] = []
    var files: [(path: String, url: URL)] = []
    for model in tested {
      let manifest = ManifestFile(
        study: try study.digest(), arm: model.plan.name, model: model.model.digest,
        round: model.outcome.records.last?.selection.bestRound ?? model.outcome.records.last?.round ?? 0,
        agreement: agreement, rounds: try rounds.manifests(of: model.plan.name))
      let url = ManifestFile.url(forModel: model.model.file)
      try AtomicFile.write(try manifest.json(), to: url)
      models.append(
        FinishedModel(
          name: model.plan.name, digest: model.model.digest, file: try await room.offer(model.model.file),
          manifest: try await room.offer(url)))
      files += [model.model.file, url].map { ("models/" + $0.lastPathComponent, $0) }
    }
    for name in Report.fileNames {
      files.append((name, store.folder.url.appending(path: name)))
    }
    return Outcome(results: results, models: models, files: files)
  }

  private func resultsBuilder(_ ready: [SiteReadiness], started: String) -> ResultsBuilder {
    let engines = ready.compactMap(\.engine)
    let engine = engines.first
    let data = ready.first?.data
    let environment = EnvironmentRecord(
      command: "consilium study propose STUDY, then consilium study start \(id)", seed: study.header.seed,
      threads: engine?.threads ?? study.training.threads, workers: ready.count,
      device: Set(engines.map(\.device)).sorted().joined(separator: ", "),
      cpuFeatures: engine?.cpuFeatures ?? [], precision: data?.precision ?? "fp32",
      memoryFormat: data?.memoryFormat ?? "contiguous",
      versions: [
        .init(name: "Consilium", value: consiliumVersion),
        .init(name: "engine", value: Set(engines.map(\.engine)).sorted().joined(separator: ", ")),
      ], started: started, ended: now().formatted(.iso8601))
    return ResultsBuilder(
      study: study, arms: plan.arms,
      sites: plan.members.map { site in
        .init(id: site, parts: ready.first { $0.site == site }?.data?.parts ?? [])
      },
      findings: ready.flatMap { $0.data?.findings ?? [] },
      excluded: plan.members.filter { site in !ready.contains { $0.site == site } }
        .map { DroppedSite(site: $0, reason: "it was not ready when the study began") },
      environment: environment, isGenerated: ready.contains(where: \.isGenerated), setting: .federation)
  }
}
