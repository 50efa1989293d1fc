import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import Reporting
import RunStore
import StudyProtocol

/// Runs one study from the admission of its sites to its report, in a simulation or over the network.
///
/// The steps: joint checks, initial weights, statistics, rehearsal, arms, tests, results. Finished work stays
/// in the store, so a study continues after a crash or a pause from its last committed round.
public struct StudyDriver<Host: StudyHost>: Sendable {
  public let study: Study
  /// The arms of the report, in its order.
  public let arms: [String]
  /// The models to be trained.
  public let plans: [ArmPlan]
  public let admission: StudyAdmission
  public let store: RunStore
  public let setting: RunSetting
  public let host: Host

  public init(
    study: Study, arms: [String], plans: [ArmPlan], admission: StudyAdmission, store: RunStore,
    setting: RunSetting, host: Host
  ) {
    self.study = study
    self.arms = arms
    self.plans = plans
    self.admission = admission
    self.store = store
    self.setting = setting
    self.host = host
  }

  /// Runs what the store does not hold yet, and writes the report.
  ///
  /// - Throws: ``ConsiliumError``. After every error the run can be resumed.
  public func run() async throws -> StudyConclusion {
    let findings = try await host.prepare(plans)
    for candidate in admission.admitted {
      if let data = candidate.data { try await store.save(data, of: candidate.site) }
    }
    let initial = try await initialModel()
    try await gatherStatistics(initial)
    try await host.rehearse(from: initial)
    let possible = plans.filter { $0.trains && $0.fits(admission.sites) }
    let endings = try await ArmEnding.ofAll(possible) { [host] plan in
      try await host.run(plan, from: initial)
    }
    var models: [FinalModel] = []
    for (plan, ending) in endings {
      guard let outcome = ending.outcome else { continue }
      let stored = try await store.save(outcome.bestModel, named: plan.name)
      models.append(FinalModel(plan: plan, outcome: outcome, model: stored))
    }
    var tested = try await host.test(models)
    tested += try await ensembles(of: tested)
    return try await conclude(tested, failed: endings.compactMap(\.ending.failure), findings: findings)
  }

  /// The results of the arms that combine the local models.
  private func ensembles(of tested: [TestedModel]) async throws -> [TestedModel] {
    let local = tested.filter { $0.plan.kind == .local }.sorted { $0.plan.name < $1.plan.name }
    var ensembles: [TestedModel] = []
    guard !local.isEmpty else { return [] }
    for plan in plans {
      guard case .ensemble(let fusion) = plan.members else { continue }
      ensembles.append(try await host.test(local.map(\.model), combinedBy: fusion, as: plan))
    }
    return ensembles
  }

  /// Builds the results of the models and writes the report into the run's folder.
  ///
  /// - Parameter findings: further findings, in addition to the sites' findings.
  public func conclude(
    _ tested: [TestedModel], failed: [(plan: ArmPlan, error: ConsiliumError)], findings: [DataFinding] = []
  ) async throws -> StudyConclusion {
    // Show test images of the first federated arm, or of the first arm if there is none.
    let shown = tested.first { $0.plan.members == .federated } ?? tested.first
    var panels: [PanelImage] = []
    if let shown { panels = try await host.panels(of: shown) }
    var results = try ResultsBuilder(
      study: study, arms: arms, sites: sites,
      findings: admission.candidates.sorted { $0.site < $1.site }.flatMap { $0.data?.findings ?? [] }
        + findings,
      excluded: admission.excluded,
      environment: try await host.environment(started: try store.reader.started()),
      isGenerated: admission.admitted.contains(where: \.isGenerated), setting: setting,
      withheld: admission.admitted.sorted { $0.site < $1.site }.flatMap(\.withheld)
    ).results(of: tested, failed: failed, panels: panels)
    results.statistics = try store.reader.value(Self.statisticsName)
    return StudyConclusion(
      results: results, models: tested, report: try Report(results).write(to: store.folder.url))
  }

  /// The name under which the run's store keeps the statistics.
  private static var statisticsName: String { "statistics" }

  /// Collects statistics of the sites' data, once per run, if the study asks for them.
  private func gatherStatistics(_ initial: InitialModel) async throws {
    guard study.report.statistics,
      try store.reader.value(Self.statisticsName, as: StudyStatistics.self) == nil
    else { return }
    do {
      try await store.save(try await host.statistics(initial), as: Self.statisticsName)
    } catch let error as ConsiliumError where error.code == .partial {
      // The statistics inform the reader. The study continues without them.
      store.record(["reason": error.message], named: "statistics-missing")
    }
  }

  private var sites: [ResultsBuilder.Site] {
    admission.candidates.map { candidate in
      let takesPart = admission.sites.contains(candidate.site)
      return .init(
        id: candidate.site, title: candidate.title, parts: takesPart ? candidate.data?.parts ?? [] : [])
    }
  }

  /// The weights from which every arm starts, mapped from the run's own file.
  private func initialModel() async throws -> InitialModel {
    let offered = try await host.initialModel()
    let stored = try await store.save(offered, named: "initial")
    try await host.didStore(initial: stored)
    return InitialModel(
      parameters: try ParameterFile.readModel(from: stored.file, layout: offered.layout), stored: stored)
  }
}

/// The outcome of a study: its results, its models and the file of its report.
public struct StudyConclusion: Sendable {
  public let results: StudyResults
  public let models: [TestedModel]
  public let report: URL
}

extension ArmPlan {
  /// Whether the arm can be trained with these sites: a local arm needs its own site.
  func fits(_ sites: [SiteID]) -> Bool {
    if case .local(let site) = members { sites.contains(site) } else { true }
  }
}
