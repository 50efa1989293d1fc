import FederatedCore

/// The figures that are also written as separate files.
extension ReportPage {
  /// The figures of the results at each site. The sites are drawn one below the other, on as many figures as
  /// needed for each to fit on a page.
  var siteFigures: [Figure] {
    guard !testedArms.isEmpty else { return [] }
    let groups = matrix.sites.map(siteGroup).filter { !$0.rows.isEmpty } + [meanGroup]
    let domain = ForestPlot.domain(of: groups, within: metric.isProportion ? 0...1 : nil)
    let perFigure = max(2, 30 / (testedArms.count + 1))
    return stride(from: 0, to: groups.count, by: perFigure).map { start in
      let part = Array(groups[start..<min(start + perFigure, groups.count)])
      return ForestPlot(groups: part, axisTitle: metric.titleWithUnit, domain: domain) { metric.text($0) }
        .draw()
    }
  }

  private func siteGroup(_ site: SiteID) -> ForestPlot.Group {
    let patients = testedArms.compactMap { evaluation(arm: $0, site: site)?.patientCount }.max() ?? 0
    return ForestPlot.Group(
      title: title(of: site), note: NumberText.grouped(patients) + " test " + unit.noun(patients),
      rows: testedArms.compactMap { arm in
        guard let estimate = matrix.estimate(arm: arm.name, site: site) else { return nil }
        return ForestPlot.Row(
          label: arm.title, style: style(of: arm),
          estimate: SummaryEstimate(estimate, confidence: results.study.confidence))
      })
  }

  private var meanGroup: ForestPlot.Group {
    ForestPlot.Group(
      title: "Mean over sites", note: "each site has equal weight",
      rows: testedArms.compactMap { arm in
        matrix.mean(ofArm: arm.name).map {
          .init(label: arm.title, style: style(of: arm), estimate: $0)
        }
      })
  }

  /// The figure of the two gains of each pooled or federated arm; `nil` if there is no such arm.
  var gainFigure: Figure? {
    let arms = testedArms.filter { $0.kind != .local }
    let groups = [
      gainGroup("Mean gain over local training", arms) { matrix.gainOverLocal(of: $0) },
      gainGroup("Gain in generalisability", arms) { matrix.generalisabilityGain(of: $0) },
    ].filter { !$0.rows.isEmpty }
    guard !groups.isEmpty else { return nil }
    return ForestPlot(
      groups: groups, axisTitle: "Gain in \(metric.differenceUnitExplained)",
      domain: ForestPlot.domain(of: groups, and: [0]), reference: 0,
      text: { metric.differenceText($0) },
      tickText: { NumberText.fixed(metric.differenceScale * $0, digits: 0) }
    ).draw()
  }

  private func gainGroup(_ title: String, _ arms: [ArmResults], _ gain: (String) -> SummaryEstimate?)
    -> ForestPlot.Group
  {
    ForestPlot.Group(
      title: title,
      rows: arms.compactMap { arm in
        gain(arm.name).map { .init(label: arm.title, style: style(of: arm), estimate: $0) }
      })
  }

  /// The matrix M[i][j] as a heat map.
  var matrixFigure: Figure? {
    guard !testedArms.isEmpty else { return nil }
    let columns = matrix.sites
    let compact = columns.count > 10
    let rows = matrix.rows.enumerated().map { index, row in
      HeatMap.Row(
        label: title(of: row), startsGroup: index > 0 && matrix.rows[index - 1].arm != row.arm,
        values: columns.map { matrix[row, $0]?.value }
          + (matrix.hasTogether ? [matrix.together(row)?.value] : []) + [matrix.mean(of: row)?.value],
        ownColumn: row.site.flatMap { columns.firstIndex(of: $0) })
    }
    return HeatMap(
      columns: columns.map { title(of: $0) } + (matrix.hasTogether ? ["all"] : []) + ["mean"],
      rows: rows,
      rowTitle: "Model",
      columnTitle: "Tested on the \(unit.plural) of", higherIsBetter: metric.higherIsBetter,
      text: { compact ? NumberText.fixed($0, digits: max(metric.digits - 1, 0)) : metric.text($0) },
      label: "\(metric.title) of every model on every site's test \(unit.plural)"
    ).draw()
  }
}
