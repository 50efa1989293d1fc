import FederatedCore

extension ComparisonReport {
  /// The self-contained page.
  public var html: String {
    let title = entries.count == 1 ? "Comparison of arms" : "Comparison of \(entries.count) runs"
    return HTMLPage.document(title: title) {
      tag("header") {
        tag("p", ["class": "kind"]) { "Comparison · for research only" }
        tag("h1") { title }
        tag("p", ["class": "facts"]) {
          "\(metric.titleWithUnit) on the sites' test \(unit.plural), \(metric.higherIsBetter ? "higher" : "lower") is better"
        }
        for caution in cautions { tag("div", ["class": "status partial"]) { tag("p") { caution } } }
      }
      tag("main") {
        tag("section") {
          tag("h2") { "Mean over sites" }
          summaryTable
          if let reference {
            tag("p", ["class": "tag"]) {
              "Differences and gains are in \(metric.differenceUnitExplained). Difference: from \(reference.title), on the same resamples of the same \(unit.plural); a dash if the runs do not share them."
            }
          }
        }
        tag("section") {
          tag("h2") { "Each site" }
          forest
        }
        let curves = entries.indices.compactMap(curves)
        if !curves.isEmpty {
          tag("section") {
            tag("h2") { "Round by round" }
            HTMLPage.figureGrid(
              curves, legend: legend,
              caption: "\(metric.title) on validation \(unit.plural) after each round, mean over sites.")
          }
        }
        tag("section") {
          tag("h2") { "The runs" }
          runs
        }
      }
    }
  }

  private var summaryTable: Markup {
    HTMLPage.table(head: [
      .text("Arm"), .number("Mean \(metric.titleWithUnit)"), .number("Difference"),
      .number("Gain over local"),
      .number("Gain in generalisability"), .number("Steps"), .number("Time"),
    ]) {
      for line in lines {
        HTMLPage.row(line.title) {
          HTMLPage.estimateCell(line.matrix.mean(ofArm: line.arm.name)) { metric.text($0) }
          HTMLPage.estimateCell(difference(of: line)) { metric.differenceNumber($0) }
          HTMLPage.estimateCell(
            line.arm.kind == .local ? nil : line.matrix.gainOverLocal(of: line.arm.name)
          ) { metric.differenceNumber($0) }
          HTMLPage.estimateCell(
            line.arm.kind == .local ? nil : line.matrix.generalisabilityGain(of: line.arm.name)
          ) { metric.differenceNumber($0) }
          HTMLPage.numberCell(NumberText.grouped(line.arm.stepCount))
          HTMLPage.numberCell(NumberText.duration(line.arm.seconds))
        }
      }
    }
  }

  /// The sites of all runs, in the order in which they first occur.
  private var sites: [SiteID] {
    var seen: Set<SiteID> = []
    return lines.flatMap(\.matrix.sites).filter { seen.insert($0).inserted }
  }

  /// A site's full name, if a run has one.
  private func title(of site: SiteID) -> String {
    entries.lazy.flatMap(\.results.sites).first { $0.site == site && $0.title != nil }?.title ?? site.rawValue
  }

  private func style(of line: Line) -> SeriesStyle {
    Palette.style(ofArm: line.arm.name, kind: line.arm.kind)
  }

  private var legend: Markup {
    var seen: Set<String> = []
    let arms = lines.filter { seen.insert($0.arm.name).inserted }
    return HTMLPage.legend(arms.map { ($0.arm.title, style(of: $0)) })
  }

  @MarkupBuilder private var forest: Markup {
    let groups = sites.map { site in
      ForestPlot.Group(
        title: title(of: site),
        rows: lines.compactMap { line in
          line.matrix.estimate(arm: line.arm.name, site: site).map {
            .init(
              label: line.title, style: style(of: line),
              estimate: SummaryEstimate($0, confidence: line.matrix.confidence))
          }
        })
    }.filter { !$0.rows.isEmpty }
    let domain = ForestPlot.domain(of: groups, within: metric.isProportion ? 0...1 : nil)
    let perFigure = max(1, 36 / max(lines.count + 1, 1))
    for start in stride(from: 0, to: groups.count, by: perFigure) {
      HTMLPage.figure(
        ForestPlot(
          groups: Array(groups[start..<min(start + perFigure, groups.count)]),
          axisTitle: metric.titleWithUnit,
          domain: domain
        ) { metric.text($0) }.draw(),
        caption: "\(metric.title) at each site with its interval; of local arms, the site's own model.")
    }
  }

  /// The curves of one run, on axes shared by all runs so that they can be compared.
  private func curves(of run: Int) -> LinePanel? {
    let points = lines.flatMap(curve)
    let series = lines.filter { $0.run == run }.map { line in
      LinePanel.Series(label: line.arm.title, style: style(of: line), points: curve(of: line))
    }
    guard let last = points.map(\.x).max(), series.contains(where: { !$0.points.isEmpty }) else { return nil }
    return LinePanel(
      title: entries.count == 1 ? "All sites" : entries[run].label, series: series, xTitle: "Round",
      yTitle: "Validation \(metric.title)",
      xDomain: 1...max(2, last),
      yDomain: LinearScale.niceDomain(of: points.map(\.y), within: metric.isProportion ? 0...1 : nil),
      wholeNumbers: true)
  }

  private func curve(of line: Line) -> [(x: Double, y: Double)] {
    line.arm.rounds.compactMap { round in
      let values = round.validation.compactMap { $0.evaluation[metric.name]?.value }.filter(\.isFinite)
      return values.isEmpty ? nil : (Double(round.round), ResultMatrix.mean(values))
    }
  }

  private var runs: Markup {
    HTMLPage.table(head: [
      .text("Run"), .text("Study"), .text("Study digest"), .number("Seed"), .number("Sites"),
    ]) {
      for entry in entries {
        HTMLPage.row(entry.label) {
          tag("td") { "\(entry.results.study.name), version \(entry.results.study.version)" }
          tag("td") { tag("code") { entry.results.study.digest } }
          HTMLPage.numberCell(String(entry.results.environment.seed))
          HTMLPage.numberCell(String(entry.results.sites.count))
        }
      }
    }
  }
}
