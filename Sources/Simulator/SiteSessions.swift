import FederatedCore
import FederatedRuntime
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// The sites of a simulation and their data as the engines see them.
struct SiteSessions: Sendable {
  struct Site: Sendable {
    var definition: SiteDefinition
    var session: OpenSession
    var description: SessionDescription
    /// The shape of an example as the model sees it: channels, then the spatial axes, slowest first.
    var exampleShape: [Int]
    var id: SiteID { definition.name }
  }

  /// In the order of their names.
  var sites: [Site]

  /// The number of training examples of each site.
  var trainingExamples: [Int] {
    sites.map { site in site.description.parts.first { $0.part == .training }?.examples ?? 0 }
  }

  /// All sites' data in one place.
  var pooled: OpenSession? {
    guard var session = sites.first?.session else { return nil }
    session.session = ArmPlan.pooledName
    session.sites = sites.flatMap(\.session.sites)
    return session
  }

  /// Opens and checks every site, before anything trains.
  static func open(
    _ configuration: SimulationConfiguration, on pool: WorkerPool, cacheBytes: Int,
    events: @escaping SimulationEventHandler
  ) async throws -> SiteSessions {
    let study = try configuration.study.canonicalJSON()
    let definitions = configuration.sites.sorted { $0.name < $1.name }
    let shared = SharedIdentifiers(
      of: definitions, study: configuration.study, dataRoot: configuration.dataRoot)
    let opened = try await withThrowingTaskGroup(of: Site.self) { group in
      for definition in definitions {
        let session = OpenSession(
          session: definition.name.rawValue, study: study, sites: [try definition.canonicalJSON()],
          dataRoot: configuration.dataRoot.path, seed: configuration.study.header.seed,
          cacheBytes: cacheBytes, showsFacts: true)
        group.addTask {
          var description = try await pool.check(session)
          description.findings += shared.findings(of: definition.name).map(DataFinding.init)
          let shape = description.facts?.exampleShape ?? []
          // Facts about the data must not enter an event, log or report.
          description.facts = nil
          events(.siteChecked(site: definition.name, description))
          return Site(
            definition: definition, session: session, description: description, exampleShape: shape)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return SiteSessions(sites: opened.sorted { $0.id < $1.id })
  }

  /// The sites as candidates for the study, in the order in which the user named them.
  func candidates(_ configuration: SimulationConfiguration) -> [StudyCandidate] {
    configuration.sites.compactMap { definition in
      guard let site = sites.first(where: { $0.id == definition.name }) else { return nil }
      return StudyCandidate(
        site: site.id, title: definition.title, data: site.description,
        isGenerated: configuration.isGenerated,
        obstacles: site.description.findings.filter { $0.severity == .error }.map { "\($0)" })
    }
  }

  func limited(to admitted: [SiteID]) -> SiteSessions {
    SiteSessions(sites: sites.filter { admitted.contains($0.id) })
  }
}
