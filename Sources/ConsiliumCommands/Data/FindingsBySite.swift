import FederatedCore

/// The findings of several sites on the terminal. Equal findings are combined into one line that names the
/// sites.
struct FindingsBySite {
  /// The common part of findings that differ only in the site, the number of records, the places and the
  /// values.
  private struct Key: Hashable {
    var severity: DataFinding.Severity
    var element: String?
    var message: String

    init(_ finding: DataFinding) {
      severity = finding.severity
      element = finding.element
      message = finding.message
    }
  }

  private var groups: [[DataFinding]] = []

  init(_ findings: [DataFinding]) {
    var places: [Key: Int] = [:]
    for finding in findings {
      let key = Key(finding)
      if let place = places[key] {
        groups[place].append(finding)
      } else {
        places[key] = groups.count
        groups.append([finding])
      }
    }
  }

  /// One line per group of equal findings, in the order in which the groups first appear.
  var lines: [String] { groups.map(Self.line) }

  private static func line(_ group: [DataFinding]) -> String {
    let first = group[0]
    let sites = group.reduce(into: [SiteID]()) { if !$0.contains($1.site) { $0.append($1.site) } }
    guard sites.count > 1 else { return group.map(NewsLine.line).joined(separator: "\n") }
    let names = sites.map(\.rawValue).joined(separator: ", ")
    let element = first.element.map { "element '\($0)': " } ?? ""
    let extents = group.compactMap { finding in finding.extent.map { "\(finding.site): \($0)" } }
    let details = extents.isEmpty ? "" : " [" + extents.joined(separator: "; ") + "]"
    return
      "\(first.severity.rawValue): at \(sites.count) sites (\(names)): \(element)\(first.message)\(details)"
      .onOneLine
  }
}
