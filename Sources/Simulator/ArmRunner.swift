import FederatedCore
import FederatedRuntime
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// Trains the models of a simulation's arms on the pool of workers, side by side.
struct ArmRunner: Sendable {
  let study: Study
  let sessions: SiteSessions
  let pool: WorkerPool
  /// Computes the middle of split models; `nil` if no arm has one.
  let middle: MiddleEngine?
  /// The folder for exchange files, with one subfolder per arm.
  let exchange: URL
  let journal: any RoundJournal
  /// The maximum number of sites per arm that hold an assignment, or whose update is not yet added to the
  /// aggregate.
  let concurrentSites: Int
  let events: RunEventHandler

  func run(_ plan: ArmPlan, from initial: ModelParameters) async throws -> FederationOutcome {
    let workflow = plan.algorithm(in: study, sites: sessions.sites.map(\.id))
    return try await run(plan, workflow.strategy, workflow.topology, from: initial)
  }

  private func run<S: Strategy>(
    _ plan: ArmPlan, _ strategy: S, _ topology: any Topology, from initial: ModelParameters
  ) async throws -> FederationOutcome {
    let members: [Federation<S, WorkerTrainer>.Member] = try members(of: plan)
    var settings = FederationSettings(
      plan.study(study), arm: plan.name, isFederated: plan.members == .federated,
      members: members.filter(\.trains).map(\.site), concurrentSites: concurrentSites)
    if plan.way == .split { settings.split = SplitSettings(cut: try study.splitCut, engine: middle) }
    settings.noise = .simulated(seed: study.header.seed)
    // The data of a pooled model are all in one place, so no update leaves a site and no privacy mechanism
    // applies.
    if plan.members == .pooled { settings.mechanisms = [] }
    settings.amount = plan.amount(in: study, examples: sessions.trainingExamples)
    settings.weights = weights(settings.weighting, of: members.filter(\.trains).map(\.site))
    if plan.way == .swarm {
      return try await SwarmFederation<S, WorkerTrainer>(
        settings: settings, strategy: strategy, topology: topology, members: members,
        swarm: SwarmSettings(study, sites: members.map(\.site)), journal: journal, events: events
      ).run(from: initial)
    }
    let federation = try Federation<S, WorkerTrainer>(
      settings: settings, strategy: strategy, topology: topology, members: members, journal: journal,
      events: events)
    return try await federation.run(from: initial)
  }

  /// The weight of each site, computed by the study's weighting from the numbers of training examples.
  private func weights(_ weighting: UpdateWeighting, of trainers: [SiteID]) -> [SiteID: Double] {
    let examples = Dictionary(uniqueKeysWithValues: zip(sessions.sites.map(\.id), sessions.trainingExamples))
    let total = sessions.trainingExamples.reduce(0, +)
    return UpdateWeighting.weights(trainers, weighting) { examples[$0] ?? total }
  }

  /// The members of an arm. A pooled model trains on all data in one place, but is validated at each site
  /// like a federated model.
  private func members<S>(of plan: ArmPlan) throws -> [Federation<S, WorkerTrainer>.Member] {
    let exchange = try ExchangeFolder(exchange.appending(path: plan.name))
    let sites = sessions.sites.filter { site in
      if case .local(let only) = plan.members { site.id == only } else { true }
    }
    var members = sites.map { site in
      Federation<S, WorkerTrainer>.Member(
        site: site.id, trainer: trainer(in: site.session, of: plan, exchange, site.gate), gate: site.gate,
        trains: plan.members != .pooled)
    }
    if plan.members == .pooled, let pooled = sessions.pooled {
      members.append(
        .init(
          site: SiteID(pooled.session), trainer: trainer(in: pooled, of: plan, exchange, ReleaseGate()),
          validates: false))
    }
    return members
  }

  private func trainer(
    in session: OpenSession, of plan: ArmPlan, _ exchange: ExchangeFolder, _ gate: ReleaseGate
  ) -> WorkerTrainer {
    let (events, site) = (events, SiteID(session.session))
    var trainer = WorkerTrainer(pool: pool, session: session, exchange: exchange) { round, progress in
      events(.siteProgress(arm: plan.name, round: round, site: site, gate.release(progress).content))
    }
    trainer.minimumPatients = gate.rules?.minimumPatients ?? 1
    return trainer
  }
}
