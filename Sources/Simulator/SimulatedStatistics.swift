import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// The federated statistics of a study whose sites are all on this machine.
///
/// Each site answers through a gate, as its agent would. Only the released part of each answer is used.
public struct SimulatedStatistics: Sendable {
  private let study: Study
  private let sites: [SiteDefinition]
  private let dataRoot: URL
  private let policies: [SiteID: SitePolicy]

  /// - Parameter policies: The policies by site. A site without a policy uses the default policy.
  public init(study: Study, sites: [SiteDefinition], dataRoot: URL, policies: [SiteID: SitePolicy] = [:]) {
    self.study = study
    self.sites = sites.sorted { $0.name < $1.name }
    self.dataRoot = dataRoot
    self.policies = policies
  }

  private struct Site: Sendable {
    var definition: SiteDefinition
    var session: OpenSession
    var gate: ReleaseGate
    var minimum: Int
    /// The reason why the site cannot be asked; `nil` if it can.
    var obstacle: String?
  }

  /// Runs the statistics stage with all sites.
  ///
  /// - Parameter scratch: A folder for temporary files.
  /// - Throws: ``ConsiliumError`` of the engine; `.invalidInput` if no site has usable data.
  public func run(on pool: WorkerPool, scratch: URL) async throws -> StudyStatistics {
    let opened = try await Self.gather(sites) { try await open($0, on: pool) }
    let asked = opened.filter { $0.obstacle == nil }
    guard !asked.isEmpty else {
      throw ConsiliumError(
        .invalidInput, "the data of no site can be used; 'consilium data check' says what is wrong with them")
    }
    let outcome = try await converse(with: asked, on: pool, exchange: try ExchangeFolder(scratch))
    let answers = opened.map { site in
      let name = site.definition.name
      return StatisticsBuilder.Answer(
        site: name, title: site.definition.title, statistics: outcome.answers[name],
        note: site.obstacle ?? outcome.failures[name])
    }
    return StatisticsBuilder(study, question: outcome.question).statistics(of: answers)
  }

  private func converse(with sites: [Site], on pool: WorkerPool, exchange: ExchangeFolder) async throws
    -> StatisticsCoordinator.Outcome
  {
    let stage = StatisticsStage(study)
    let mailbox = CoordinatorMailbox()
    let host = StageHost(
      arm: "statistics", mailbox: mailbox, deadline: nil, journal: InMemoryJournal(), notes: { _ in })
    let plan = ExchangePlan(stages: [.init(members: sites.map(\.definition.name))])
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for site in sites {
        var trainer = WorkerTrainer(pool: pool, session: site.session, exchange: exchange)
        trainer.minimumPatients = site.minimum
        let session = SiteSession(
          site: site.definition.name, stages: StageRegistry([stage]), trainer: trainer, gate: site.gate)
        group.addTask { try await session.serve(over: InProcessTransport(mailbox)) }
      }
      var mail = mailbox.mail.makeAsyncIterator()
      let outcome: Result<StatisticsCoordinator.Outcome, any Error>
      do {
        let task = StageTask(round: StatisticsStage.round, plan: plan)
        outcome = .success(try await host.run(stage, task, from: (), &mail))
      } catch {
        outcome = .failure(error)
      }
      await mailbox.close()
      try await group.waitForAll()
      return try outcome.get()
    }
  }

  private func open(_ site: SiteDefinition, on pool: WorkerPool) async throws -> Site {
    let policy = policies[site.name] ?? SitePolicy()
    let session = OpenSession(
      session: site.name.rawValue, study: try study.canonicalJSON(), sites: [try site.canonicalJSON()],
      dataRoot: dataRoot.path, seed: study.header.seed, cacheBytes: 0, patientSalt: "simulated")
    let description = try await pool.open(session)
    let isBroken = description.parts.isEmpty || description.findings.contains { $0.severity == .error }
    return Site(
      definition: site, session: session, gate: .simulated(policy, for: study),
      minimum: policy.release.minimumPatients,
      obstacle: isBroken ? "its data break the common data elements (consilium data check)" : nil)
  }

  /// The output of `work` for each input, in the order of the inputs. Works on all inputs side by side.
  private static func gather<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ work: @escaping @Sendable (Input) async throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      for (index, input) in inputs.enumerated() { group.addTask { (index, try await work(input)) } }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
