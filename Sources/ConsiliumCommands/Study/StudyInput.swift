import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol

/// The arguments that name a study, its sites and their data.
struct StudyInput: ParsableArguments {
  @Argument(help: ArgumentHelp("The study file (YAML).", valueName: "study"))
  var study: String

  @Option(
    help: ArgumentHelp("The site file. (default: sites.yaml next to the study file)", valueName: "file"))
  var sites: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the data. (default: the first of $CONSILIUM_DATA, ../shared/data and the site file's folder that contains them)",
      valueName: "folder"))
  var data: String?

  /// A study with its sites, ready to run.
  struct Resolved {
    var study: Study
    /// The text of the study file exactly as its author wrote it.
    var studyText: String
    var sites: [SiteDefinition]
    var dataRoot: URL
    /// The file of initial weights, if the study names one.
    var initialWeights: URL?
  }

  /// - Throws: `StudyDiagnostics` if a file is invalid, ``ConsiliumError`` if the data cannot be found.
  func resolve(environment: [String: String]) throws -> Resolved {
    let studyFile = URL(fileURLWithPath: study)
    let study = try Study(file: studyFile)
    let siteFile =
      sites.map { URL(fileURLWithPath: $0) }
      ?? studyFile.deletingLastPathComponent().appending(path: "sites.yaml")
    let file = try SiteFile(file: siteFile, study: study)
    let root = try dataRoot(of: file, beside: siteFile, environment: environment)
    return Resolved(
      study: study, studyText: try String(contentsOf: studyFile, encoding: .utf8),
      sites: try file.sites(for: study, dataRoot: root), dataRoot: root,
      initialWeights: study.model.initialWeights.map {
        studyFile.deletingLastPathComponent().appending(path: $0)
      })
  }

  private func dataRoot(of file: SiteFile, beside siteFile: URL, environment: [String: String]) throws -> URL
  {
    if let data { return URL(fileURLWithPath: data, isDirectory: true) }
    let known = [environment["CONSILIUM_DATA"], "../shared/data"].compactMap(\.self).filter { !$0.isEmpty }
    let candidates =
      known.map { URL(fileURLWithPath: $0, isDirectory: true) } + [siteFile.deletingLastPathComponent()]
    guard let root = candidates.first(where: { root in file.sources.allSatisfy { $0.lies(in: root) } }) else {
      let places = candidates.map(\.path).joined(separator: ", ")
      throw ConsiliumError(
        .invalidInput,
        "the data of \(siteFile.path) are in none of \(places); name their folder with --data or CONSILIUM_DATA"
      )
    }
    return root
  }
}

extension SiteFile {
  /// The definitions that state where the data are.
  fileprivate var sources: [SiteDefinition] {
    switch layout {
    case .list(let sites): sites
    case .column(_, _, _, let template), .partition(_, let template): [template]
    }
  }
}

extension StudyInput.Resolved {
  var isGenerated: Bool { sites.contains { $0.isGenerated(in: dataRoot) } }
}

extension Study {
  /// The arms that the study trains: its baselines, its workflow, and its workflow as a swarm or with a split model
  /// if the study asks for that.
  var arms: [String] {
    let split = federation.workflow.name.descriptor.exchange == .ring ? "split" : "splitfed"
    return evaluation.baselines.map(\.rawValue) + [federation.workflow.name.rawValue]
      + (federation.swarm == nil ? [] : ["swarm"]) + (federation.split == nil ? [] : [split])
  }
}
