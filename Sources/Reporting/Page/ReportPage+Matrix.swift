extension ReportPage {
  var crossSiteMatrix: Markup? {
    guard let figure = matrixFigure else { return nil }
    return section("Every model on every site", id: "matrix") {
      HTMLPage.figure(
        figure,
        caption:
          "\(metric.titleWithUnit) of each model (rows) on each site's test \(unit.plural) (columns); lighter is better. "
          + (matrix.rows.contains { $0.site != nil }
            ? "A frame marks a site's own model on its own \(unit.plural). The rest of the row shows that model on other sites' \(unit.plural)."
            : "")
          + (matrix.hasTogether
            ? " All: all sites' test \(unit.plural) as one group, each with equal weight; mean: average over sites, each with equal weight."
            : ""))
    }
  }
}
