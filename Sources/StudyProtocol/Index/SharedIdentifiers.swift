import FederatedCore
import Foundation

/// Counts the identifiers that occur at more than one site of a site file.
///
/// Only a simulation can do this: hospitals do not see each other's identifiers. Sites that share one table,
/// and sites with `ids: local`, are skipped. Reads tables but no other files.
public struct SharedIdentifiers: Sendable {
  /// The findings by site. A shared identifier is reported at the second of the two sites.
  private var findings: [SiteID: [ElementFinding]] = [:]

  /// The identifiers of one site, each with its set in the split.
  private struct Holder {
    var site: SiteID
    var parts: [String: Set<DataPart>]
    /// The identifiers as keys of ``AlikeNames``: similar identifiers have the same key.
    var keys: Set<String>

    init(site: SiteID, parts: [String: Set<DataPart>]) {
      self.site = site
      self.parts = parts
      keys = Set(parts.keys.map(AlikeNames.key))
    }
  }

  /// Reads the sites' tables. Skips unreadable tables, which each site's own check reports.
  ///
  /// - Parameter seed: The seed of the split; `nil` for the study's own.
  public init(of sites: [SiteDefinition], study: Study, dataRoot: URL, seed: UInt64? = nil) {
    let comparable = sites.filter { $0.ids == .shared && $0.share == nil }
    guard comparable.count > 1 else { return }
    let names = study.evaluation.split.by.map { [$0] } ?? study.identifierNames
    let reduced = study.reducedToIdentifiers
    let indexes = comparable.compactMap {
      try? SiteIndex(reading: $0, for: reduced, dataRoot: dataRoot, seed: seed)
    }
    for name in names {
      let holders = indexes.map { Holder(site: $0.site.name, parts: Self.parts(of: name, in: $0)) }
      for number in holders.indices.dropFirst() {
        add(holders[number], against: holders[..<number], element: name, study: study)
      }
    }
  }

  public func findings(of site: SiteID) -> [ElementFinding] { findings[site] ?? [] }

  private static func parts(of element: String, in index: SiteIndex) -> [String: Set<DataPart>] {
    index.records.reduce(into: [:]) { parts, record in
      guard case .identifier(let name) = record[element], let part = index.part(of: record) else { return }
      parts[name, default: []].insert(part)
    }
  }

  private mutating func add(
    _ holder: Holder, against others: ArraySlice<Holder>, element: String, study: Study
  ) {
    var lines: [String] = []
    var shared: Set<String> = []
    var separated: Set<String> = []
    for other in others {
      let common = holder.parts.keys.filter { other.parts[$0] != nil }
      if !common.isEmpty { lines.append("\(common.count) at '\(other.site)'") }
      shared.formUnion(common)
      separated.formUnion(common.filter { holder.parts[$0] != other.parts[$0] })
    }
    if !shared.isEmpty {
      warn(
        holder.site, element,
        Self.message(shared.count, lines: lines, separated: separated.count, element, study))
    }
    let alike = holder.parts.keys.count { name in
      !shared.contains(name) && others.contains { $0.keys.contains(AlikeNames.key(name)) }
    }
    if alike > 0 {
      warn(
        holder.site, element,
        "\(English.count(alike, "identifier")) of this site \(alike == 1 ? "differs" : "differ") from one of another site only in "
          + "case, blanks, hyphens or leading zeros; write the identifiers of one person the same way, or write `ids: local` if "
          + "they are different people")
    }
  }

  private mutating func warn(_ site: SiteID, _ element: String, _ message: String) {
    let finding = ElementFinding(
      .warning, site: site, rule: .duplicate, element: element, records: 0, message: message)
    findings[site, default: []].append(finding)
  }

  private static func message(
    _ count: Int, lines: [String], separated: Int, _ element: String, _ study: Study
  ) -> String {
    let isKept = study.evaluation.split.by == element
    let parts =
      separated > 0
      ? "\(separated) of them are in a different set of the split there, so models are tested on people they were trained on"
      : isKept
        ? "the split keeps each in one set at every site"
        : "each is in the same set of the split at every site"
    return
      "\(English.count(count, "identifier")) of this site also \(count == 1 ? "occurs" : "occur") at other sites "
      + "(\(lines.joined(separator: ", "))); \(parts); if they are different people, write `ids: local` in the site file"
  }
}

extension Study {
  fileprivate var identifierNames: [String] { elements.filter { $0.kind == .identifier }.map(\.name) }

  /// The study without images and values, only with its identifiers.
  fileprivate var reducedToIdentifiers: Study {
    var study = self
    study.elements = elements.filter { $0.kind == .identifier || $0.role == .part }
    return study
  }
}
