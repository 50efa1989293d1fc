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
        "Measured on the test \(unit.plural) of each site, which no model saw in training. In brackets or in small type: \(confidenceText) intervals from resampling \(unit.plural). "
        if testedArms.contains(where: { $0.kind == .local }) {
          "A local arm's number at a site is that of the site's own model."
        }
      }
      forest
      gains
      for name in results.study.metrics { table(of: name) }
    }
  }

  @MarkupBuilder private var forest: Markup {
    for (index, figure) in siteFigures.enumerated() {
      HTMLPage.figure(
        figure,
        caption:
          "\(metric.title) at each site, \(betterText): the point is the value, the line its \(confidenceText) interval."
          + (index > 0 ? " Continued." : ""))
    }
  }

  var betterText: String { metric.higherIsBetter ? "higher is better" : "lower is better" }

  @MarkupBuilder private var gains: Markup {
    if let figure = gainFigure {
      tag("h3") { "Gains from taking part" }
      HTMLPage.figure(
        figure,
        caption:
          "Gain over local training: the shared model against each site's own model, on that site's \(unit.plural). Gain in generalisability: the same comparison on the other sites' \(unit.plural). Both are means over sites, as differences in \(metric.differenceUnitExplained); their intervals come from paired resamples. Values to the right of the dashed line are better than training alone."
      )
    }
  }

  @MarkupBuilder private func table(of name: String) -> Markup {
    let matrix = ResultMatrix(results, metric: name)
    for metric in [name] + classMetrics(of: name) {
      let matrix = metric == name ? matrix : ResultMatrix(results, metric: metric)
      table(of: MetricStyle(metric), matrix)
    }
  }

  /// The names of the metric for each single class, such as `dice.anterior` for `dice`.
  private func classMetrics(of name: String) -> [String] {
    let names = testedArms.flatMap {
      $0.models.flatMap { $0.test.flatMap { $0.evaluation.metrics.map(\.name) } }
    }
    var seen: Set<String> = []
    return names.filter { $0.hasPrefix(name + ".") && seen.insert($0).inserted }
  }

  @MarkupBuilder private func table(of metric: MetricStyle, _ matrix: ResultMatrix) -> Markup {
    HTMLPage.table(
      head: [.text("Site"), .number("Test \(unit.plural)")] + testedArms.map { .number(heading(of: $0)) },
      caption: "\(metric.titleWithUnit), \(metric.higherIsBetter ? "higher is better" : "lower is better")"
    ) {
      for site in matrix.sites {
        HTMLPage.row(title(of: site)) {
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
      if matrix.hasTogether {
        HTMLPage.row("All \(unit.plural)", class: "total") {
          HTMLPage.numberCell("")
          for arm in testedArms {
            HTMLPage.estimateCell(matrix.together(ofArm: arm.name)) { metric.text($0) }
          }
        }
      }
      HTMLPage.row("Mean over sites", class: "total") {
        HTMLPage.numberCell("")
        for arm in testedArms { HTMLPage.estimateCell(matrix.mean(ofArm: arm.name)) { metric.text($0) } }
      }
    }
  }

  /// The number of measured patients: `11`, or `9–11 of 11` if models differ in the number of patients on
  /// which the metric is defined.
  private func measuredText(_ metric: String, _ site: SiteID) -> String {
    let evaluations = testedArms.compactMap { evaluation(arm: $0, site: site) }
    let counts = evaluations.compactMap { $0[metric]?.patientCount }
    guard let all = evaluations.map(\.patientCount).max(), let least = counts.min(), let most = counts.max()
    else { return "–" }
    if least == all { return String(all) }
    return (least == most ? "\(least)" : "\(least)–\(most)") + " of \(all)"
  }
}
