extension ReportPage {
  var crossSiteMatrix: Markup? {
    guard let figure = matrixFigure else { return nil }
    return section("Every model on every site", id: "matrix") {
      HTMLPage.figure(
        figure,
        caption:
          "\(metric.titleWithUnit) of each model (rows) on each site's test \(unit.plural) (columns); lighter is better. "
          + (matrix.rows.contains { $0.site != nil }
            ? "A frame marks a site's own model on its own \(unit.plural): what lies beside it in the same row is how that model does abroad."
            : "")
          + (matrix.hasTogether
            ? " Together: the test \(unit.plural) of all sites as one group, each counting once; mean: of the sites, each counting once."
            : ""))
    }
  }
}
