import FederatedCore

extension ComparisonReport {
  /// The self-contained page.
  public var html: String {
    let title = entries.count == 1 ? "Comparison of arms" : "Comparison of \(entries.count) runs"
    let styles = Palette.distinct(lines.count)
    return HTMLPage.document(title: title) {
      tag("header") {
        tag("p", ["class": "kind"]) { "Comparison" }
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
              "Difference: from \(reference.label), on the same resamples of the same \(unit.plural); a dash where the runs do not share them."
            }
          }
        }
        tag("section") {
          tag("h2") { "Each site" }
          forest(styles)
        }
        if let curves = curves(styles) {
          tag("section") {
            tag("h2") { "By round" }
            HTMLPage.figureGrid(
              [curves], legend: HTMLPage.legend(Array(zip(lines.map(\.label), styles))),
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
        HTMLPage.row(line.label) {
          HTMLPage.estimateCell(line.matrix.mean(ofArm: line.arm.name)) { metric.text($0) }
          HTMLPage.estimateCell(difference(of: line), signed)
          HTMLPage.estimateCell(
            line.arm.kind == .local ? nil : line.matrix.gainOverLocal(of: line.arm.name), NumberText.change)
          HTMLPage.estimateCell(
            line.arm.kind == .local ? nil : line.matrix.generalisabilityGain(of: line.arm.name),
            NumberText.change)
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

  @MarkupBuilder private func forest(_ styles: [SeriesStyle]) -> Markup {
    let groups = sites.map { site in
      ForestPlot.Group(
        title: site.rawValue,
        rows: zip(lines, styles).compactMap { line, style in
          line.matrix.estimate(arm: line.arm.name, site: site).map {
            .init(
              label: line.label, style: style,
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

  private func curves(_ styles: [SeriesStyle]) -> LinePanel? {
    let series = zip(lines, styles).map { line, style in
      LinePanel.Series(
        label: line.label, style: style,
        points: line.arm.rounds.compactMap { round in
          let values = round.validation.compactMap { $0.evaluation[metric.name]?.value }.filter(\.isFinite)
          return values.isEmpty ? nil : (Double(round.round), ResultMatrix.mean(values))
        })
    }
    let points = series.flatMap(\.points)
    guard let last = points.map(\.x).max() else { return nil }
    return LinePanel(
      title: "All sites", series: series, xTitle: "Round", yTitle: "Validation \(metric.title)",
      xDomain: 1...max(2, last),
      yDomain: LinearScale.niceDomain(of: points.map(\.y), within: metric.isProportion ? 0...1 : nil),
      wholeNumbers: true)
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
