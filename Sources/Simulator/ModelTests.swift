import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// Evaluates the final models on every site's test data and draws the panels. Stores each result as soon as
/// it is available.
struct ModelTests: Sendable {
  let study: Study
  let sessions: SiteSessions
  let pool: WorkerPool
  let store: RunStore
  let events: SimulationEventHandler
  /// The calculators of confidence intervals, by site; only for sites that send intervals instead of
  /// bootstrap replicates.
  private let intervals: [SiteID: PairedIntervals]

  init(
    study: Study, sessions: SiteSessions, pool: WorkerPool, store: RunStore,
    events: @escaping SimulationEventHandler
  ) {
    self.study = study
    self.sessions = sessions
    self.pool = pool
    self.store = store
    self.events = events
    intervals = sessions.sites.reduce(into: [:]) { intervals, site in
      intervals[site.id] = PairedIntervals(
        file: store.folder.ownTestResults(of: site.id), study: study, rules: site.gate.rules)
    }
  }

  /// Evaluates a model on each site's test data: one row of the evaluation matrix.
  ///
  /// - Parameter ensemble: Further models whose predictions are combined with those of the model.
  func test(_ model: StoredModel, _ ensemble: EvaluateModel.Ensemble? = nil) async throws -> [SiteResult] {
    try await withThrowingTaskGroup(of: SiteResult.self) { group in
      for site in sessions.sites {
        group.addTask {
          SiteResult(
            site: site.id,
            evaluation: try await evaluation(
              of: model, ensemble, on: site.id, in: site.session, through: site.gate))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.site < $1.site }
    }
  }

  /// Evaluates a model on the test patients of all sites as one group.
  func testTogether(
    _ model: StoredModel, _ ensemble: EvaluateModel.Ensemble? = nil
  ) async throws -> SiteEvaluation? {
    guard let pooled = sessions.pooled else { return nil }
    return try await evaluation(
      of: model, ensemble, on: SiteID(pooled.session), in: pooled, through: ReleaseGate())
  }

  private func evaluation(
    of model: StoredModel, _ ensemble: EvaluateModel.Ensemble?, on site: SiteID, in session: OpenSession,
    through gate: ReleaseGate
  ) async throws -> SiteEvaluation {
    let kept = try store.reader.evaluation(of: model.name, digest: model.digest, on: site)
    if let kept { return kept }
    let request = EvaluateModel(
      session: session.session, model: model.file.path, part: .test,
      replicates: study.evaluation.bootstrap.replicates, ensemble: ensemble)
    guard case .evaluated(var own) = try await pool.perform(.evaluate(request), in: session) else {
      throw ConsiliumError(.engine, "the engine sent the wrong kind of answer while testing '\(model.name)'")
    }
    if let intervals = intervals[site] { own = try await intervals.add(own, of: model.digest) }
    let evaluation = gate.release(own).content
    try await store.save(evaluation, of: model.name, digest: model.digest, on: site)
    var shown = evaluation.withIntervals(study.evaluation.bootstrap.confidence)
    shown.details?.cases = []
    events(.modelTested(model: model.name, site: site, shown))
    return evaluation
  }

  /// Test images of each site with a model's predictions; empty if the study does not permit images in the
  /// report.
  ///
  /// - Parameter count: The number of patients to show per site. They are chosen at random; the worst cases
  ///   of all sites are shown in addition.
  func panels(of tested: TestedModel, count: Int) async throws -> [PanelImage] {
    guard study.report.images, !study.isTabular else { return [] }
    let model = tested.model
    // Skip the worst cases in the local arm. Each site has its own model there, so the sites' scores cannot
    // be compared.
    let worst = tested.plan.kind == .local ? [] : WorstCase.all(of: tested.test)
    var images: [PanelImage] = []
    for site in sessions.sites where site.gate.rules?.images ?? true {
      let folder = store.folder.panels.appending(path: "\(model.name)-\(site.id)")
      try OwnerOnly.createFolder(folder)
      let numbers = worst.filter { $0.site == site.id }.map(\.result.number)
      for panel in try await panels(of: model, on: site, count: count, worst: numbers, in: folder) {
        images.append(
          PanelImage(
            site: site.id, arm: model.name, png: try Data(contentsOf: folder.appending(path: panel.file)),
            caption: panel.caption, worstCase: panel.worstCase))
      }
    }
    return images
  }

  private func panels(
    of model: StoredModel, on site: SiteSessions.Site, count: Int, worst: [Int], in folder: URL
  ) async throws -> [Panel] {
    if let kept = try store.reader.panels(of: model.name, on: site.id) { return kept }
    let request = DrawPanels(
      session: site.session.session, model: model.file.path, count: count, worst: worst,
      directory: folder.path)
    guard case .panelsDrawn(let panels) = try await pool.perform(.drawPanels(request), in: site.session)
    else {
      throw ConsiliumError(.engine, "the engine sent the wrong kind of answer while drawing panels")
    }
    try await store.save(panels, of: model.name, on: site.id)
    return panels
  }
}
