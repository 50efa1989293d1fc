import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import StudyProtocol
import WorkerProtocol

/// Runs the models of a simulation's arms on the pool of engines, side by side.
struct ArmRunner: Sendable {
  let study: Study
  let sessions: SiteSessions
  let pool: WorkerPool
  let exchange: ExchangeFolder
  let journal: any RoundJournal
  /// The most sites whose update waits to be folded in one arm.
  let concurrentSites: Int
  let events: RunEventHandler

  func run(_ plan: ArmPlan, from initial: ModelParameters) async throws -> FederationOutcome {
    let workflow = try WorkflowRegistry.workflow(
      named: plan.workflow.name.rawValue, settings: plan.workflow.settings)
    return try await run(plan, workflow.strategy, workflow.topology, from: initial)
  }

  private func run<S: Strategy>(
    _ plan: ArmPlan, _ strategy: S, _ topology: any Topology, from initial: ModelParameters
  ) async throws -> FederationOutcome {
    let members = members(of: plan)
    let federation = try Federation<S, WorkerTrainer>(
      settings: settings(for: plan, members: members.map(\.site)), strategy: strategy, topology: topology,
      members: members, validators: validators(of: plan), journal: journal, events: events)
    return try await federation.run(from: initial)
  }

  private func members<S>(of plan: ArmPlan) -> [Federation<S, WorkerTrainer>.Member] {
    switch plan.members {
    case .pooled:
      sessions.pooled.map {
        [.init(site: SiteID(SiteSessions.pooledName), trainer: trainer(in: $0, plan, SiteID($0.session)))]
      } ?? []
    case .local(let site): siteMembers(plan) { $0 == site }
    case .federated: siteMembers(plan) { _ in true }
    }
  }

  /// A pooled model is validated at each site, as a federated one is.
  private func validators<S>(of plan: ArmPlan) -> [Federation<S, WorkerTrainer>.Member]? {
    plan.members == .pooled ? siteMembers(plan) { _ in true } : nil
  }

  private func siteMembers<S>(
    _ plan: ArmPlan, where isMember: (SiteID) -> Bool
  ) -> [Federation<S, WorkerTrainer>.Member] {
    sessions.sites.filter { isMember($0.id) }
      .map { .init(site: $0.id, trainer: trainer(in: $0.session, plan, $0.id)) }
  }

  private func trainer(in session: OpenSession, _ plan: ArmPlan, _ site: SiteID) -> WorkerTrainer {
    let events = events
    return WorkerTrainer(pool: pool, session: session, exchange: exchange) { round, progress in
      events(.siteProgress(arm: plan.name, round: round, site: site, progress))
    }
  }

  private func settings(for plan: ArmPlan, members: [SiteID]) -> FederationSettings {
    let study = study
    let evaluation = study.evaluation
    let isFederated = plan.members == .federated
    return FederationSettings(
      arm: plan.name, rounds: study.federation.rounds, amount: study.training.amount,
      learningRate: { study.learningRate(inRound: $0 - 1) }, weighting: study.federation.weighting,
      seed: study.header.seed, required: isFederated ? study.requiredSites(of: members) : Set(members),
      minimumSites: isFederated ? study.federation.sites.minimum ?? 1 : 1,
      validateEvery: evaluation.selectBestOn == .validation ? evaluation.every : 0,
      selection: evaluation.selectBestOn == .validation ? ModelSelection(evaluation) : nil,
      concurrentSites: concurrentSites)
  }
}

extension ModelSelection {
  fileprivate init(_ evaluation: Study.Evaluation) {
    self.init(
      metric: evaluation.selectMetric.rawValue, higherIsBetter: evaluation.selectMetric.higherIsBetter,
      patience: evaluation.earlyStopping?.patience,
      minimumImprovement: evaluation.earlyStopping?.minimumChange ?? 0)
  }
}

extension Study.Workflow {
  /// The settings that the study gives, by the names that the registry of workflows uses.
  fileprivate var settings: [String: Double] {
    let given = [
      "proximal-mu": proximalMu, "server-learning-rate": serverLearningRate, "beta1": beta1, "beta2": beta2,
      "tau": tau,
    ]
    return given.compactMapValues(\.self)
  }
}
