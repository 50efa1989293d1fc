import FederatedCore

/// Federated statistics as part of a page: a table and histograms for each numeric item, and a table of
/// classes.
package struct StatisticsMarkup {
  private let statistics: StudyStatistics

  package init(_ statistics: StudyStatistics) { self.statistics = statistics }

  @MarkupBuilder package var content: Markup {
    tag("p") { introduction }
    for site in statistics.sites {
      if let note = site.note { tag("p") { "\(title(of: site)) releases nothing: \(note)." } }
    }
    for item in statistics.items where item.kind != .classes { numbers(item) }
    classes
    if statistics.omitted > 0 {
      tag("p") { "\(statistics.omitted) further items were left out." }
    }
  }

  private var introduction: String {
    let minima = Set(statistics.sites.filter { $0.note == nil }.map(\.minimum)).sorted()
    let least = Prose.list(minima.map(String.init))
    return
      "No number here, and no difference of two, is of fewer \(statistics.unit.plural) than a site's policy lets out together"
      + (minima.isEmpty ? "." : " (\(least)).")
      + " Counts are joined until that holds, so quantiles have limits: a tilde marks those known less exactly than to 1 % of the range. "
      + "The smallest and largest values are not shown."
  }

  private func title(of site: StudyStatistics.Site) -> String { site.title ?? site.site.rawValue }

  private func rows(_ item: StudyStatistics.Item) -> [(label: String, figures: StudyStatistics.Figures)] {
    let sites = zip(statistics.sites, item.sites).compactMap { site, figures in
      figures.map { (title(of: site), $0) }
    }
    return sites + (item.pooled.map { [("All sites", $0)] } ?? [])
  }

  @MarkupBuilder private func numbers(_ item: StudyStatistics.Item) -> Markup {
    let rows = rows(item)
    tag("h3") { item.heading }
    if rows.isEmpty { tag("p") { "No site releases it." } }
    if item.kind == .number, !rows.isEmpty { table(item, rows) }
    if let range = item.range, rows.contains(where: { !$0.figures.histogram.isEmpty }) {
      HTMLPage.figure(
        HistogramFigure(
          title: item.title,
          rows: rows.map {
            .init(
              label: Self.short($0.label), shares: $0.figures.histogram, isPooled: $0.label == "All sites")
          },
          range: range, unit: item.unit
        ).draw(),
        caption: item.kind == .intensity
          ? "Shares of pixels or voxels by intensity, as a mean over \(statistics.unit.plural)."
          : "\(item.heading) by site; values beyond the range are in the outermost bars.")
    }
  }

  private static func short(_ label: String) -> String { ResultsText.clipped(label, 20) }

  private func table(
    _ item: StudyStatistics.Item, _ rows: [(label: String, figures: StudyStatistics.Figures)]
  ) -> Markup {
    let digits = StatisticsNumber.digits(for: rows.map(\.figures))
    let quantiles = StudyStatistics.shares.map {
      HTMLPage.Column.number(NumberText.fixed(100 * $0, digits: 0) + "\u{A0}%")
    }
    let missing: [HTMLPage.Column] = item.canLack ? [.number("Missing")] : []
    return HTMLPage.table(
      head: [.text("Site"), .number(statistics.unit.plural.capitalisedFirst)] + missing
        + [.number("Mean"), .number("SD")] + quantiles,
      caption: "Mean, standard deviation and quantiles of \(item.title)"
    ) {
      for (label, figures) in rows {
        HTMLPage.row(label) {
          HTMLPage.numberCell(NumberText.grouped(figures.patients))
          if item.canLack { HTMLPage.numberCell(StatisticsNumber.text(figures.missing)) }
          for value in [figures.mean, figures.standardDeviation] {
            HTMLPage.numberCell(value.map { NumberText.fixed($0, digits: digits) } ?? "–")
          }
          quantileCells(figures, digits)
        }
      }
    }
  }

  /// The table cells of the quantiles. Each cell has a quantile with its limits below it.
  @MarkupBuilder private func quantileCells(_ figures: StudyStatistics.Figures, _ digits: Int) -> Markup {
    for share in StudyStatistics.shares {
      tag("td", ["class": "n"]) {
        if let quantile = figures.quantiles.first(where: { $0.share == share }) {
          let isCoarse = quantile.coarseness > StudyStatistics.fine
          (isCoarse ? "~" : "") + NumberText.fixed(quantile.value, digits: digits)
          if isCoarse {
            let ends = [quantile.low, quantile.high].map { NumberText.fixed($0, digits: digits) }
            tag("span", ["class": "ci"]) { ends.joined(separator: " to ") }
          }
        } else {
          "–"
        }
      }
    }
  }

  @MarkupBuilder private var classes: Markup {
    let items = statistics.items.filter { $0.kind == .classes }
    let sites = statistics.sites.indices.filter { site in items.contains { $0.sites[site] != nil } }
    if !items.isEmpty {
      tag("h3") { "Classes" }
      HTMLPage.table(
        head: [.text("Class")] + sites.map { .number(title(of: statistics.sites[$0])) } + [
          .number("All sites")
        ],
        caption: "Per cent of \(statistics.unit.plural). Joined: counted together with another class"
      ) {
        for item in items {
          for row in item.classRows {
            HTMLPage.row(row.label) {
              for figures in sites.map({ item.sites[$0] }) + [item.pooled] {
                HTMLPage.numberCell(
                  figures.map { StatisticsNumber.share(row.count($0), of: $0.patients) } ?? "–")
              }
            }
          }
        }
      }
    }
  }
}

extension String {
  fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
