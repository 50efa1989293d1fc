import EvaluationMetrics
import FederatedCore

extension ReportPage {
  var learningCurves: Markup? {
    let limits = metric.isProportion ? 0.0...1.0 : nil
    let validation = curvePanels(title: "Validation \(metric.title)", limits: limits, marksChoice: true) {
      arm, site in
      points(arm) { round in round.validation.first { $0.site == site }?.evaluation[metric.name]?.value }
    }
    let loss = curvePanels(title: "Training loss", limits: nil, marksChoice: false) {
      arm, site in
      points(arm) { round in
        (round.training.first { $0.site == site } ?? round.training.first { $0.site == nil })?.summary.loss
      }
    }
    guard !validation.isEmpty || !loss.isEmpty else { return nil }
    return section("Course of training", id: "curves") {
      if !validation.isEmpty {
        HTMLPage.figureGrid(
          validation, legend: armLegend,
          caption:
            "\(metric.title) on each site's validation \(unit.plural) after each round. A ring marks the round whose model is the result; the test results above are for this model."
        )
        for sentence in choices { tag("p") { sentence } }
      }
      if !loss.isEmpty {
        HTMLPage.figureGrid(
          loss, legend: armLegend,
          caption:
            "Mean training loss of each round at each site. Training on pooled data has one loss for all sites, drawn in every panel."
        )
      }
    }
  }

  /// The sentences that state, for each arm with a single model, the round whose model is the result, and the
  /// reason.
  private var choices: [String] {
    results.arms.filter { $0.kind != .local }.flatMap { arm in
      arm.models.compactMap { model in model.choice.map { "\(arm.title): \($0.sentence(unit))." } }
    }
  }

  private var armLegend: Markup {
    HTMLPage.legend(results.arms.map { ($0.title, style(of: $0)) })
  }

  private func points(_ arm: ArmResults, _ value: (RoundResults) -> Double?) -> [(x: Double, y: Double)] {
    arm.rounds.compactMap { round in
      value(round).flatMap { $0.isFinite ? (x: Double(round.round), y: $0) : nil }
    }
  }

  private func curvePanels(
    title: String, limits: ClosedRange<Double>?, marksChoice: Bool,
    _ points: (ArmResults, SiteID) -> [(x: Double, y: Double)]
  ) -> [LinePanel] {
    let panels = matrix.sites.map { site in
      (
        site: site,
        series: results.arms.map { arm in
          LinePanel.Series(
            label: arm.title, style: style(of: arm), points: points(arm, site),
            ringed: marksChoice ? chosenRound(arm, site) : nil)
        }
      )
    }.filter { $0.series.contains { !$0.points.isEmpty } }
    let all = panels.flatMap { $0.series.flatMap(\.points) }
    guard let last = all.map(\.x).max() else { return [] }
    let first = min(1, all.map(\.x).min() ?? 1)
    let values = all.map(\.y).sorted()
    // Leave out losses far above all others, so that a few of them do not flatten all curves.
    let shown = limits == nil ? values.filter { $0 <= 1.5 * percentile(0.98, ofSorted: values) } : values
    let yDomain = LinearScale.niceDomain(of: shown, within: limits)
    return panels.map { panel in
      LinePanel(
        title: self.title(of: panel.site), series: panel.series, xTitle: "Round", yTitle: title,
        xDomain: first...max(last, first + 1), yDomain: yDomain, wholeNumbers: true
      )
    }
  }

  private func chosenRound(_ arm: ArmResults, _ site: SiteID) -> Double? {
    arm.models.first { $0.site == nil || $0.site == site }.map { Double($0.selectedRound) }
  }

  var calibration: Markup? {
    let panels = matrix.sites.compactMap { site -> LinePanel? in
      let series = testedArms.compactMap { arm -> LinePanel.Series? in
        let bins = evaluation(arm: arm, site: site)?.calibration ?? []
        guard !bins.isEmpty else { return nil }
        var series = LinePanel.Series(
          label: arm.title, style: style(of: arm),
          points: bins.map { ($0.meanProbability, $0.observedFrequency) })
        if arm.name == focusArm?.name { series.counts = bins.map(\.exampleCount) }
        return series
      }
      guard !series.isEmpty else { return nil }
      return LinePanel(
        title: title(of: site), series: series, xTitle: "Stated probability", yTitle: "Observed frequency",
        xDomain: 0...1, yDomain: 0...1, showsDiagonal: true
      )
    }
    guard !panels.isEmpty else { return nil }
    let isBinary = results.study.classNames.count <= 2
    let statement = isBinary ? "of the finding" : "that the predicted class is right"
    let sides =
      isBinary
      ? "Below it, a model predicts the finding more often than it occurs; above it, less often"
      : "Below it, a model is too sure; above it, too cautious"
    return section("Calibration of the probabilities", id: "calibration") {
      HTMLPage.figureGrid(
        panels, legend: HTMLPage.legend(testedArms.map { ($0.title, style(of: $0)) }),
        caption:
          "Predicted probability \(statement) against the observed frequency, in ten bins of equal width; the dashed line is perfect. \(sides). The numbers count \(focusArm?.title ?? "the model")'s examples in each bin; bins with few examples scatter widely."
      )
    }
  }
}
