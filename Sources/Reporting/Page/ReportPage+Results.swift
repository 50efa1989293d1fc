import FederatedCore

extension ReportPage {
  var siteResults: Markup? {
    guard !testedArms.isEmpty else {
      return section("Results", id: "results") {
        tag("p") { "No model was tested, so there are no results to show." }
      }
    }
    return section("Results at each site", id: "results") {
      tag("p") {
        "Measured on the test patients of each site, whom no model saw in training. In brackets or in small type: \(confidenceText) intervals from resampling patients. "
        if testedArms.contains(where: { $0.kind == .local }) {
          "A local arm's number at a site is that of the site's own model."
        }
      }
      forest
      gains
      for name in results.study.metrics { table(of: name) }
    }
  }

  /// The sites' results one below the other, split so that each drawing fits a page.
  @MarkupBuilder private var forest: Markup {
    let groups = matrix.sites.map(siteGroup).filter { !$0.rows.isEmpty } + [meanGroup]
    let domain = ForestPlot.domain(of: groups, within: metric.isProportion ? 0...1 : nil)
    let perFigure = max(2, 30 / max(testedArms.count + 1, 1))
    for start in stride(from: 0, to: groups.count, by: perFigure) {
      let part = Array(groups[start..<min(start + perFigure, groups.count)])
      let plot = ForestPlot(groups: part, axisTitle: metric.titleWithUnit, domain: domain) { metric.text($0) }
      HTMLPage.figure(
        plot.draw(),
        caption:
          "\(metric.title) at each site, \(betterText): the point is the value, the line its \(confidenceText) interval."
          + (start > 0 ? " Continued." : ""))
    }
  }

  var betterText: String { metric.higherIsBetter ? "higher is better" : "lower is better" }

  private func siteGroup(_ site: SiteID) -> ForestPlot.Group {
    let patients = testedArms.compactMap { evaluation(arm: $0, site: site)?.patientCount }.max() ?? 0
    return ForestPlot.Group(
      title: title(of: site), note: NumberText.count(patients, "test patient"),
      rows: testedArms.compactMap { arm in
        guard let estimate = matrix.estimate(arm: arm.name, site: site) else { return nil }
        return ForestPlot.Row(
          label: arm.name, style: style(ofArm: arm.name),
          estimate: SummaryEstimate(estimate, confidence: results.study.confidence))
      })
  }

  private var meanGroup: ForestPlot.Group {
    ForestPlot.Group(
      title: "Mean over sites", note: "each site counts once",
      rows: testedArms.compactMap { arm in
        matrix.mean(ofArm: arm.name).map {
          .init(label: arm.name, style: style(ofArm: arm.name), estimate: $0)
        }
      })
  }

  @MarkupBuilder private var gains: Markup {
    let arms = testedArms.filter { $0.kind != .local }
    let groups = [
      gainGroup("Mean gain over local training", arms) { matrix.gainOverLocal(of: $0) },
      gainGroup("Gain in generalisability", arms) { matrix.generalisabilityGain(of: $0) },
    ].filter { !$0.rows.isEmpty }
    if !groups.isEmpty {
      let plot = ForestPlot(
        groups: groups, axisTitle: "Relative gain in \(metric.title)",
        domain: ForestPlot.domain(of: groups, and: [0]), reference: 0,
        text: { NumberText.percentWithInterval($0, NumberText.change) },
        tickText: { NumberText.fixed(100 * $0, digits: 0) + "\u{A0}%" })
      tag("h3") { "What taking part is worth" }
      HTMLPage.figure(
        plot.draw(),
        caption:
          "Gain over local training: at home, against the site's own model, mean over sites. Gain in generalisability: abroad, against what the sites' own models reach on the other sites' patients. Intervals are from paired resamples; right of the dashed line is better than training alone."
      )
    }
  }

  private func gainGroup(_ title: String, _ arms: [ArmResults], _ gain: (String) -> SummaryEstimate?)
    -> ForestPlot.Group
  {
    ForestPlot.Group(
      title: title,
      rows: arms.compactMap { arm in
        gain(arm.name).map { .init(label: arm.name, style: style(ofArm: arm.name), estimate: $0) }
      })
  }

  @MarkupBuilder private func table(of name: String) -> Markup {
    let matrix = ResultMatrix(results, metric: name)
    for metric in [name] + classMetrics(of: name) {
      let matrix = metric == name ? matrix : ResultMatrix(results, metric: metric)
      table(of: MetricStyle(metric), matrix)
    }
  }

  /// The names of the same metric for single classes, as `dice.anterior`.
  private func classMetrics(of name: String) -> [String] {
    let names = testedArms.flatMap {
      $0.models.flatMap { $0.test.flatMap { $0.evaluation.metrics.map(\.name) } }
    }
    var seen: Set<String> = []
    return names.filter { $0.hasPrefix(name + ".") && seen.insert($0).inserted }
  }

  @MarkupBuilder private func table(of metric: MetricStyle, _ matrix: ResultMatrix) -> Markup {
    HTMLPage.table(
      head: [.text("Site"), .number("Test patients")] + testedArms.map { .number(heading(of: $0)) },
      caption: "\(metric.titleWithUnit), \(metric.higherIsBetter ? "higher is better" : "lower is better")"
    ) {
      for site in matrix.sites {
        HTMLPage.row(site.rawValue) {
          HTMLPage.numberCell(measuredText(metric.name, site))
          for arm in testedArms {
            HTMLPage.estimateCell(
              matrix.estimate(arm: arm.name, site: site).map {
                SummaryEstimate($0, confidence: results.study.confidence)
              }
            ) { metric.text($0) }
          }
        }
      }
      HTMLPage.row("Mean over sites", class: "total") {
        HTMLPage.numberCell("")
        for arm in testedArms { HTMLPage.estimateCell(matrix.mean(ofArm: arm.name)) { metric.text($0) } }
      }
    }
  }

  /// `11`, or `9–11 of 11` where models differ in how many patients the metric is defined on.
  private func measuredText(_ metric: String, _ site: SiteID) -> String {
    let evaluations = testedArms.compactMap { evaluation(arm: $0, site: site) }
    let counts = evaluations.compactMap { $0[metric]?.patientCount }
    guard let all = evaluations.map(\.patientCount).max(), let least = counts.min(), let most = counts.max()
    else { return "–" }
    if least == all { return String(all) }
    return (least == most ? "\(least)" : "\(least)–\(most)") + " of \(all)"
  }
}
