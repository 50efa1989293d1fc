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
    let rows = try await rows(models.map(\.model), with: models.map(\.outcome.bestModel))
    return zip(models, rows).map { TestedModel($0, test: $1) }
  }

  /// The rows of the evaluation matrix.
  ///
  /// A row lacks a site that fails or whose policy withholds its results. It also lacks an optional site that
  /// does not answer in time; that site is not asked again.
  private func rows(_ models: [StoredModel], with parameters: [ModelParameters]) async throws
    -> [[SiteResult]]
  {
    guard let layout = parameters.first?.layout else { return [] }
    let (room, absence, events) = (runner.room, runner.absence, runner.events)
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
          await runner.note("the final evaluation waits for \(names)")
        }
        if case .deadline(id) = item {
          let late = waiting.subtracting(runner.required)
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
      await runner.note("")
      rows.append(row.sorted { $0.site < $1.site })
    }
    await desk.close()
    await room.end(arm: NetworkPlan.tests)
    return rows
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
