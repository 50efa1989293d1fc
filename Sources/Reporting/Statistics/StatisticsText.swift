import FederatedCore

/// Federated statistics as text for a terminal that is 80 characters wide.
public struct StatisticsText {
  private let statistics: StudyStatistics
  private let width: Int

  /// - Parameter width: the width of the terminal, in characters. At least 60 and at most 80 are used.
  public init(_ statistics: StudyStatistics, width: Int = 80) {
    self.statistics = statistics
    self.width = min(max(width, 60), 80)
  }

  public var text: String {
    let items = statistics.items
    var blocks = [header]
    blocks += items.filter { $0.kind != .classes }.map { $0.kind == .number ? numbers($0) : intensities($0) }
    blocks += classTable(items.filter { $0.kind == .classes })
    blocks.append(notes)
    return blocks.filter { !$0.isEmpty }.map { $0.map(\.onOneLine).joined(separator: "\n") }.joined(
      separator: "\n\n") + "\n"
  }

  private var header: [String] {
    let rows = statistics.sites.map { site in
      let size =
        site.note.map { "releases nothing: \($0)" }
        ?? "\(statistics.unit.count(site.patients)), at least \(site.minimum) in each number"
      return (label(site.site.rawValue), size)
    }
    let room = max(rows.map(\.0.count).max() ?? 0, allSites.count)
    let lines = rows.flatMap { name, size in
      let folded = Self.folded(size, width: width - room - 2)
      return folded.enumerated().map { ResultsText.padded($0 == 0 ? name : "", room) + "  " + $1 }
    }
    let total = statistics.sites.reduce(0) { $0 + $1.patients }
    let sum = ResultsText.padded(allSites, room) + "  " + statistics.unit.count(total)
    let title = "\(statistics.title): statistics of \(statistics.sites.count) sites"
    // Indent further lines: the study's author wrote the title.
    let head = Self.folded(title.onOneLine, width: width - 2).enumerated().map { ($0 == 0 ? "" : "  ") + $1 }
    return head + [""] + lines + [sum]
  }

  private let allSites = "all sites"

  private func label(_ site: String) -> String { ResultsText.clipped(site, 12) }

  /// The rows of an item's table: the figures of each site, then those of all sites.
  private func rows(_ item: StudyStatistics.Item) -> [(label: String, figures: StudyStatistics.Figures)] {
    let sites = zip(statistics.sites, item.sites).compactMap { site, figures in
      figures.map { (label(site.site.rawValue), $0) }
    }
    return sites + (item.pooled.map { [(allSites, $0)] } ?? [])
  }

  /// The text in lines of whole words.
  private static func folded(_ text: String, width: Int) -> [String] {
    text.split(separator: " ").reduce(into: [""]) { lines, word in
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
  }

  // MARK: Numbers

  private func numbers(_ item: StudyStatistics.Item) -> [String] {
    let rows = rows(item)
    guard !rows.isEmpty else { return [heading(item), "no site releases it"] }
    let digits = StatisticsNumber.digits(for: rows.map(\.figures))
    let missing = item.canLack ? ["missing"] : []
    let quantiles = StudyStatistics.shares.map { NumberText.fixed(100 * $0, digits: 0) + " %" }
    let grid = TextGrid(
      corner: "", columns: missing + ["mean", "SD"] + quantiles,
      rows: rows.map { label, figures in
        let cells = item.canLack ? [StatisticsNumber.text(figures.missing)] : []
        return (label, cells + Self.cells(figures, digits))
      } + limits(item, digits))
    return [heading(item)] + grid.fitted(to: width).flatMap(\.lines)
      + (item.range == nil ? [] : [""] + histograms(item, rows))
  }

  /// The rows with the limits of the quantiles of all sites; empty if all these quantiles are known exactly
  /// enough.
  private func limits(_ item: StudyStatistics.Item, _ digits: Int) -> [(label: String, cells: [String])] {
    guard let quantiles = item.pooled?.quantiles,
      quantiles.contains(where: { $0.coarseness > StudyStatistics.fine })
    else { return [] }
    let blank = [String](repeating: "", count: item.canLack ? 3 : 2)
    return [("  at least", quantiles.map(\.low)), ("  at most", quantiles.map(\.high))].map { label, limits in
      (label, blank + limits.map { NumberText.fixed($0, digits: digits) })
    }
  }

  private static func cells(_ figures: StudyStatistics.Figures, _ digits: Int) -> [String] {
    let moments = [figures.mean, figures.standardDeviation].map { value in
      value.map { NumberText.fixed($0, digits: digits) } ?? "–"
    }
    let quantiles = figures.quantiles.map { quantile in
      (quantile.coarseness > StudyStatistics.fine ? "~" : "")
        + NumberText.fixed(quantile.value, digits: digits)
    }
    return moments + (quantiles.isEmpty ? StudyStatistics.shares.map { _ in "–" } : quantiles)
  }

  private func heading(_ item: StudyStatistics.Item) -> String { ResultsText.clipped(item.heading, width) }

  // MARK: Histograms

  private static let blocks = Array("▁▂▃▄▅▆▇█")

  /// A histogram as one line of block characters, one per part of the range. The highest bar fills the line's
  /// height, and an empty part is blank.
  static func bars(_ shares: [Double]) -> String {
    let most = shares.max() ?? 0
    guard most > 0 else { return "" }
    return String(
      shares.map { share in
        guard share > most * 1e-3 else { return " " }
        return blocks[min(blocks.count - 1, Int(share / most * Double(blocks.count)))]
      })
  }

  private func histograms(
    _ item: StudyStatistics.Item, _ rows: [(label: String, figures: StudyStatistics.Figures)]
  ) -> [String] {
    guard let range = item.range else { return [] }
    let room = rows.map(\.label.count).max() ?? 0
    let lines = rows.filter { !$0.figures.histogram.isEmpty }.map { label, figures in
      Self.trimmed(ResultsText.padded(label, room) + "  " + Self.bars(figures.histogram))
    }
    let spread = range.high - range.low
    let (low, high) = (
      StatisticsNumber.text(range.low, spread: spread), StatisticsNumber.text(range.high, spread: spread)
    )
    let gap = StudyStatistics.parts - low.count - high.count
    let axis =
      String(repeating: " ", count: room + 2) + low + String(repeating: " ", count: max(1, gap)) + high
    return lines + [axis]
  }

  private func intensities(_ item: StudyStatistics.Item) -> [String] {
    let rows = rows(item).filter { !$0.figures.histogram.isEmpty }
    guard !rows.isEmpty else { return [heading(item), "no site releases it"] }
    return [heading(item) + ", share of \(pixels)"] + histograms(item, rows)
  }

  private var pixels: String { "pixels or voxels" }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  // MARK: Classes

  private func classTable(_ items: [StudyStatistics.Item]) -> [[String]] {
    guard !items.isEmpty else { return [] }
    let sites = statistics.sites.indices.filter { site in items.contains { $0.sites[site] != nil } }
    let columns = sites.map { ResultsText.clipped(statistics.sites[$0].site.rawValue, 9) } + ["all"]
    let rows = items.flatMap { item in
      item.classRows.map { row in
        let figures = sites.map { item.sites[$0] } + [item.pooled]
        let cells = figures.map { $0.map { StatisticsNumber.share(row.count($0), of: $0.patients) } ?? "–" }
        return (ResultsText.clipped(row.label, 32), cells)
      }
    }
    let grid = TextGrid(corner: "", columns: columns, rows: rows)
    let title = "Classes, in per cent of \(statistics.unit.plural)"
    let parts = grid.fitted(to: width)
    return parts.enumerated().map { number, part in (number == 0 ? [title] : []) + part.lines }
  }

  // MARK: Notes

  private var notes: [String] {
    let figures = statistics.items.flatMap { $0.sites.compactMap(\.self) + [$0.pooled].compactMap(\.self) }
    var notes: [String] = []
    let coarse = figures.flatMap(\.quantiles).filter { $0.coarseness > StudyStatistics.fine }
    if !coarse.isEmpty {
      notes.append(
        "~ known less exactly than to 1 % of the range; at least, at most: the limits for all sites. \(coarsest)"
      )
    }
    if figures.contains(where: { !$0.classes.isEmpty && $0.classes.contains { !$0.isKnown } }) {
      notes.append(
        "joined, 2–9: a class that a site counts together with another one, because too few have it or because the difference "
          + "from another number would tell of too few.")
    }
    if figures.contains(where: \.isRounded) {
      notes.append("Mean and SD are rounded if the number of missing values is not told.")
    }
    if statistics.omitted > 0 { notes.append("\(statistics.omitted) further items were left out.") }
    return notes.flatMap { Self.folded($0, width: width) }
  }

  /// The sentence about the quantile of all sites that is known least exactly.
  private var coarsest: String {
    let pooled = statistics.items.flatMap { item in
      (item.pooled?.quantiles ?? []).map { (item.title, $0) }
    }
    guard let (title, quantile) = pooled.max(by: { $0.1.coarseness < $1.1.coarseness }),
      quantile.coarseness > StudyStatistics.fine
    else { return "Of all sites, every quantile is known to 1 %." }
    let share = NumberText.fixed(100 * quantile.share, digits: 0)
    let width = NumberText.fixed(100 * quantile.coarseness, digits: 1)
    return
      "Of all sites, the coarsest is the \(share) % quantile of \(title): between two edges that are \(width) % apart."
  }
}
