import FederatedCore
import Foundation
import StudyProtocol

/// A summary of a site's data for a terminal: one line per element, in two columns.
struct SiteFactsText {
  /// The maximum number of lines for elements: a study of genes has thousands of elements.
  private static let mostLines = 12

  private let facts: SiteFacts

  init(_ facts: SiteFacts) { self.facts = facts }

  var lines: [String] {
    var rows = facts.elements.filter(isWorthALine).map { [$0.name, Self.text(of: $0)] }
    if rows.count > Self.mostLines {
      let more = rows.count - Self.mostLines + 1
      rows.replaceSubrange((Self.mostLines - 1)..., with: [["…", "\(more) more: consilium data stats"]])
    }
    if facts.leftOut > 0 { rows.insert(["records", Self.total(of: [facts])], at: 0) }
    guard !rows.isEmpty else { return [] }
    return AlignedTable.align(rows).split(separator: "\n").map(String.init)
  }

  /// The number of records left out by all these sites together, as text.
  static func total(of sites: [SiteFacts]) -> String {
    let (leftOut, rows) = sites.reduce((0, 0)) { ($0.0 + $1.leftOut, $0.1 + $1.rows) }
    return "\(leftOut) of \(rows) records left out"
  }

  /// Whether an element gets a line. A number has a line only if it has a range, dates or missing values to
  /// show.
  private func isWorthALine(_ element: SiteFacts.Element) -> Bool {
    switch element.kind {
    case "identifier": false
    case "number": element.values != nil || element.hidesDates || element.records < facts.used
    default: true
    }
  }

  private static func text(of element: SiteFacts.Element) -> String {
    guard element.records > 0 else { return "nothing was read" }
    let parts: [String] =
      switch element.kind {
      case "image":
        [
          plural(element.records, "image"), list(element.sizes), spacing(element), list(element.orientations),
          range(element), dates(of: element),
        ]
      case "mask":
        [plural(element.records, "mask"), list(element.sizes), spacing(element), classes(of: element)]
      case "category": [element.classes.map { "\($0.text) \($0.records)" }.joined(separator: ", ")]
      default: [plural(element.records, "record"), range(element), dates(of: element)]
      }
    return parts.filter { !$0.isEmpty }.joined(separator: " · ")
  }

  private static func plural(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The first three entries of a list, each with its frequency. If there is only one entry, its frequency is
  /// omitted.
  private static func list(_ counts: [SiteFacts.Count]) -> String {
    if counts.count == 1 { return counts[0].text == "not stated" ? "" : counts[0].text }
    let rest = counts.count > 3 ? ["\(counts.count - 3) more"] : []
    return (counts.prefix(3).map { "\($0.text) (\($0.records))" } + rest).joined(separator: ", ")
  }

  private static func spacing(_ element: SiteFacts.Element) -> String {
    element.spacings.map(\.text) == ["not stated"] ? "spacing not stated" : list(element.spacings)
  }

  private static func classes(of element: SiteFacts.Element) -> String {
    let counts = element.classes.map { "\($0.text) in \($0.records) of \(element.records)" }
    let noun = element.sizes.contains { $0.text.split(separator: "×").count == 3 } ? "voxels" : "pixels"
    let share = element.share.map { [String(format: "%.3g %% of all ", 100 * $0) + noun] } ?? []
    return (counts + share).joined(separator: ", ")
  }

  private static func dates(of element: SiteFacts.Element) -> String {
    if element.hidesDates { return "dates with --show-values" }
    return element.dates.map { $0.first == $0.last ? "dated \($0.first)" : "dated \($0.first) to \($0.last)" }
      ?? ""
  }

  private static func range(_ element: SiteFacts.Element) -> String {
    guard let values = element.values else { return "" }
    let unit = element.unit.map { " " + UnitText.after(values.high, $0) } ?? ""
    return String(format: "%.4g to %.4g", values.low, values.high) + unit
  }
}
