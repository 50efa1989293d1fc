import FederatedCore
import FederatedRuntime
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// The sites of a simulation as the engines know them, and what was found in their data.
struct SiteSessions: Sendable {
  struct Site: Sendable {
    var definition: SiteDefinition
    var session: OpenSession
    var description: SessionDescription
    /// The shape of an example as the model sees it: channels, then the spatial axes, slowest first.
    var exampleShape: [Int]
    var id: SiteID { definition.name }
  }

  /// The sites whose data keep to the common data elements, in the order of their names.
  var sites: [Site]
  /// The sites that do not take part, and why.
  var excluded: [DroppedSite]
  /// What was found at all sites, excluded or not.
  var findings: [DataFinding]

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
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where a required site breaks the agreement or too few are left.
  static func open(
    _ configuration: SimulationConfiguration, on pool: WorkerPool, cacheBytes: Int,
    events: @escaping SimulationEventHandler
  ) async throws -> SiteSessions {
    let study = try configuration.study.canonicalJSON()
    let definitions = configuration.sites.sorted { $0.name < $1.name }
    let shared = SharedIdentifiers(
      of: definitions, study: configuration.study, dataRoot: configuration.dataRoot)
    var opened = try await withThrowingTaskGroup(of: Site.self) { group in
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
    opened.sort { $0.id < $1.id }
    return try admit(opened, under: configuration.study)
  }

  /// Leaves out the sites whose data break the agreement, unless the study cannot do without them.
  private static func admit(_ opened: [Site], under study: Study) throws -> SiteSessions {
    let broken = opened.filter { $0.description.findings.contains { $0.severity == .error } }
    let required = study.requiredSites(of: opened.map(\.id))
    let missing = broken.filter { required.contains($0.id) }
    guard missing.isEmpty else {
      throw ConsiliumError(.invalidInput, Self.refusal(of: missing))
    }
    let sites = opened.filter { site in !broken.contains { $0.id == site.id } }
    let minimum = study.federation.sites.minimum ?? 1
    guard sites.count >= minimum else {
      throw ConsiliumError(
        .invalidInput,
        "only \(sites.count) sites keep to the common data elements; the study needs \(minimum)\n"
          + Self.refusal(of: broken))
    }
    return SiteSessions(
      sites: sites,
      excluded: broken.map {
        DroppedSite(site: $0.id, reason: "its data break the common data elements")
      },
      findings: opened.flatMap(\.description.findings))
  }

  private static func refusal(of sites: [Site]) -> String {
    let lines = sites.flatMap { site in
      site.description.findings.filter { $0.severity == .error }.map { "  site '\(site.id)': \($0)" }
    }
    return (["data break the study's common data elements; nothing was trained:"] + lines)
      .joined(separator: "\n")
  }
}

extension ArmPlan {
  /// False for a site alone that does not take part.
  func fits(_ sessions: SiteSessions) -> Bool {
    if case .local(let site) = members { sessions.sites.contains { $0.id == site } } else { true }
  }
}
