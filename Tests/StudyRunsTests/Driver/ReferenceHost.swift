import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import Reporting
import RunStore
import StudyProtocol
import Synchronization
import WorkerProtocol

@testable import StudyRuns

/// A host whose sites are reference trainers in this process, and which fails on request.
final class ReferenceHost: StudyHost {
  let study: Study
  let sites: [SiteID]
  let store: RunStore
  /// The arms that fail, with the code of their error.
  let failing: [String: ConsiliumError.Code]
  /// Whether the evaluation of the final models fails.
  let failsTests: Bool
  private let log = Mutex<[String]>([])

  init(
    _ study: Study, sites: [SiteID], store: RunStore, failing: [String: ConsiliumError.Code] = [:],
    failsTests: Bool = false
  ) {
    self.study = study
    self.sites = sites
    self.store = store
    self.failing = failing
    self.failsTests = failsTests
  }

  /// The steps taken. Arms run side by side, so their steps are listed in the order of the arms' names.
  var steps: [String] {
    let steps = log.withLock { $0 }
    let arms = steps.filter { $0.hasPrefix("round of") }
    guard let first = steps.firstIndex(where: { $0.hasPrefix("round of") }) else { return steps }
    return Array(steps[..<first]) + arms.sorted() + steps[first...].filter { !$0.hasPrefix("round of") }
  }

  private func note(_ step: String) { log.withLock { $0.append(step) } }

  private func trainer(of site: SiteID) -> ReferenceTrainer {
    ReferenceTrainer(.linear(inputs: 3), examples: 24, seed: UInt64(site.rawValue.utf8.first ?? 0))
  }

  func prepare(_ plans: [ArmPlan]) async throws -> [DataFinding] {
    note("prepare")
    return [DataFinding(severity: .warning, site: sites[0], element: nil, records: 1, message: "joint")]
  }

  func initialModel() async throws -> ModelParameters {
    note("initial weights")
    return trainer(of: sites[0]).initialModel
  }

  func didStore(initial: StoredModel) async throws { note("stored \(initial.name)") }
  func statistics(_ initial: InitialModel) async throws -> StudyStatistics {
    note("statistics")
    if let code = failing["statistics"] { throw ConsiliumError(code, "the statistics fail") }
    return StudyStatistics(
      study: study.header.name, title: study.header.title, unit: study.unit,
      sites: sites.map { .init(site: $0, patients: 24, minimum: 10) }, items: [])
  }

  func rehearse(from initial: InitialModel) async throws { note("rehearsal") }

  func run(_ arm: ArmPlan, from initial: InitialModel) async throws -> FederationOutcome {
    if let code = failing[arm.name] { throw ConsiliumError(code, "the arm '\(arm.name)' fails") }
    let members = sites.filter { site in
      if case .local(let only) = arm.members { only == site } else { true }
    }
    let federation = try Federation<FedAvg, ReferenceTrainer>(
      settings: FederationSettings(
        study, arm: arm.name, isFederated: arm.members == .federated, members: members),
      strategy: FedAvg(), topology: Star(),
      members: members.map { .init(site: $0, trainer: trainer(of: $0)) }, journal: store
    ) { event in
      if case .roundCommitted(let record) = event { self.note("round of \(record.arm)") }
    }
    return try await federation.run(from: initial.parameters)
  }

  func test(_ models: [FinalModel]) async throws -> [TestedModel] {
    note("tests of \(models.map(\.plan.name).sorted().joined(separator: ", "))")
    if failsTests { throw ConsiliumError(.storage, "the disk is full") }
    var tested: [TestedModel] = []
    for model in models {
      var row: [SiteResult] = []
      for site in sites {
        row.append(
          SiteResult(
            site: site,
            evaluation: try await trainer(of: site).evaluate(model.outcome.bestModel, on: .test)))
      }
      tested.append(TestedModel(model, test: row))
    }
    return tested
  }

  func environment(started: String) async throws -> EnvironmentRecord {
    EnvironmentRecord(
      command: "test", seed: study.header.seed, threads: 1, workers: 1, device: "cpu", cpuFeatures: [],
      precision: "fp32", memoryFormat: "contiguous", versions: [], started: started, ended: started)
  }
}
