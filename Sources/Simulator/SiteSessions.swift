import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import StudyProtocol
import StudyRuns
import WorkerProtocol

/// The sites of a simulation, with the engine's description of their data.
struct SiteSessions: Sendable {
  struct Site: Sendable {
    var definition: SiteDefinition
    var session: OpenSession
    /// The engine's description of the site's data, for this machine's terminal only.
    var description: SessionDescription
    /// The part of `description` that the site releases.
    var released: SessionDescription
    var policy: SitePolicy?
    /// The gate that everything passes before it leaves the site.
    var gate: ReleaseGate
    /// The shape of an example as the model sees it: channels, then the spatial axes, slowest first.
    var exampleShape: [Int]
    var id: SiteID { definition.name }
    /// Whether the data are free of errors; warnings are permitted.
    var isUsable: Bool { description.findings.allSatisfy { $0.severity != .error } }
  }

  /// The sites in the order of their names.
  var sites: [Site]

  /// The number of training examples of each site.
  var trainingExamples: [Int] {
    sites.map { site in site.description.parts.first { $0.part == .training }?.examples ?? 0 }
  }

  /// The data session that holds the data of all sites; `nil` if there are no sites.
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
          cacheBytes: cacheBytes, showsFacts: true,
          // Hash the patients only if the site has a policy, whose gate counts the patients behind each
          // number. Without a policy, nothing is withheld.
          patientSalt: configuration.policies[definition.name].map { _ in "simulated" })
        group.addTask {
          let policy = configuration.policies[definition.name]
          var description = try await pool.check(
            session, minimumPatients: policy?.release.minimumPatients)
          description.findings += shared.findings(of: definition.name).map(DataFinding.init)
          let shape = description.facts?.exampleShape ?? []
          // Facts about the data must not enter an event, log or report.
          description.facts = nil
          let gate = ReleaseGate.simulated(policy, for: configuration.study)
          let released = gate.release(description).content
          events(.siteChecked(site: definition.name, released))
          return Site(
            definition: definition, session: session, description: description, released: released,
            policy: policy, gate: gate, exampleShape: shape)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return SiteSessions(sites: opened.sorted { $0.id < $1.id })
  }

  /// The sites that may take part in the study, in the order in which the user named them.
  ///
  /// - Parameter objections: The conflicts between each site's policy and the study.
  func candidates(_ configuration: SimulationConfiguration, _ objections: [SiteID: [PolicyObjection]])
    -> [StudyCandidate]
  {
    configuration.sites.compactMap { definition in
      guard let site = sites.first(where: { $0.id == definition.name }) else { return nil }
      let objections = objections[site.id] ?? []
      let refusals = objections.filter { $0.effect == .refuses }.map(\.message)
      var candidate = StudyCandidate(
        site: site.id, title: definition.title, data: site.released,
        isGenerated: configuration.isGenerated,
        obstacles: site.description.findings.filter { $0.severity == .error }.map { "\($0)" }
          + refusals.map { "its policy refuses the study: \($0)" })
      if site.isUsable, !refusals.isEmpty {
        candidate.exclusion = "its policy refuses the study: \(refusals.joined(separator: "; "))"
      }
      candidate.withheld = objections.filter { $0.effect == .withholds }.map {
        WithheldRecord(site: site.id, setting: $0.setting, message: $0.message)
      }
      return candidate
    }
  }

  func limited(to admitted: [SiteID]) -> SiteSessions {
    SiteSessions(sites: sites.filter { admitted.contains($0.id) })
  }
}
