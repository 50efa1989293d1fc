import FederatedCore
import Foundation
import StudyProtocol
import WorkerProtocol

@testable import SiteTraining

/// A case of `Fixtures/Field`: a study, its sites and their data.
struct FieldCase {
  let folder: URL
  let study: Study
  let sites: [SiteDefinition]

  /// - Parameters:
  ///   - path: class and case, such as `dimensions/site_differs`.
  ///   - changes: texts of the study file and their replacements.
  init(_ path: String, sites file: String = "sites.yaml", changing changes: [String: String] = [:]) throws {
    folder = try Self.root.appending(path: path)
    var yaml = try String(contentsOf: folder.appending(path: "study.yaml"), encoding: .utf8)
    for (old, new) in changes { yaml = yaml.replacing(old, with: new) }
    study = try Study(yaml: yaml)
    sites = try SiteFile(file: folder.appending(path: file), study: study).sites(for: study, dataRoot: folder)
  }

  static var root: URL {
    get throws {
      guard let resources = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
      return resources.appending(path: "Fixtures/Field")
    }
  }

  /// Reads the data of a site, or of all sites together.
  func load(_ site: String? = nil, showsValues: Bool = false, showsFacts: Bool = false) throws
    -> SessionLoader
  {
    var request = try request(site, showsValues: showsValues)
    request.showsFacts = showsFacts
    return try SessionLoader(request, study: study, cache: RecordCache(bound: 0))
  }

  /// The findings of `data check` at a site, or at all sites together: problems of the data, then of a
  /// training step on them.
  func check(_ site: String? = nil, showsValues: Bool = false) throws -> [DataFinding] {
    let loaded = try load(site, showsValues: showsValues)
    guard let data = loaded.data, !loaded.findings.contains(where: { $0.severity == .error }) else {
      return loaded.findings
    }
    let session = try EngineSession(
      request(site, showsValues: showsValues), study: study, data: data, findings: loaded.findings,
      device: .cpu)
    return try loaded.findings + session.tryOut(TryOut(session: ""))
  }

  func request(_ site: String?, showsValues: Bool = false) throws -> OpenSession {
    OpenSession(
      session: site ?? "pooled", study: try study.canonicalJSON(),
      sites: try sites.filter { site == nil || $0.name.rawValue == site }.map { try $0.canonicalJSON() },
      dataRoot: folder.path, seed: study.header.seed, cacheBytes: 0, showsValues: showsValues)
  }
}
