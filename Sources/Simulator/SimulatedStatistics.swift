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

  /// - Parameter policies: The policies of the sites that have one. All others use the default policy.
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
    /// The reason why the site is not asked; `nil` if it is.
    var obstacle: String?
  }

  /// Asks the sites both questions.
  ///
  /// - Throws: ``ConsiliumError`` of the engine; `.invalidInput` if no site has usable data.
  public func run(on pool: WorkerPool) async throws -> StudyStatistics {
    let opened = try await Self.gather(sites) { try await open($0, on: pool) }
    guard opened.contains(where: { $0.obstacle == nil }) else {
      throw ConsiliumError(
        .invalidInput, "the data of no site can be used; 'consilium data check' says what is wrong with them")
    }
    let ranges = try await ask(.ranges, opened, pool)
    let question = StatisticsQuestion(for: study, after: ranges.compactMap(\.statistics))
    let asked = zip(opened, ranges).filter { $1.statistics?.items.isEmpty == false }.map(\.0)
    let counts = try await ask(question, asked, pool)
    // A site that released nothing is not asked again.
    let answers = ranges.map { range in counts.first { $0.site == range.site } ?? range }
    return StatisticsBuilder(study, question: question).statistics(of: answers)
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

  private func ask(_ question: StatisticsQuestion, _ sites: [Site], _ pool: WorkerPool) async throws
    -> [StatisticsBuilder.Answer]
  {
    try await Self.gather(sites) { site in
      var answer = StatisticsBuilder.Answer(
        site: site.definition.name, title: site.definition.title, statistics: nil, note: site.obstacle)
      guard site.obstacle == nil else { return answer }
      let own = try await pool.statistics(question, of: site.session, minimum: site.minimum)
      answer.statistics = site.gate.release(own).content
      return answer
    }
  }

  /// The results for all inputs, in order.
  private static func gather<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ work: @escaping @Sendable (Input) async throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      for (index, input) in inputs.enumerated() { group.addTask { (index, try await work(input)) } }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
