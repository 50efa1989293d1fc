import FederatedCore

extension ReportPage {
  /// The matrix M[i][j] as a heat map.
  var crossSiteMatrix: Markup? {
    guard !testedArms.isEmpty else { return nil }
    let columns = matrix.sites
    let compact = columns.count > 10
    let rows = matrix.rows.enumerated().map { index, row in
      HeatMap.Row(
        label: row.label, startsGroup: index > 0 && matrix.rows[index - 1].arm != row.arm,
        values: columns.map { matrix[row, $0]?.value } + [matrix.mean(of: row)?.value],
        ownColumn: row.site.flatMap { columns.firstIndex(of: $0) })
    }
    let map = HeatMap(
      columns: columns.map(\.rawValue) + ["mean"], rows: rows, rowTitle: "Model",
      columnTitle: "Tested on the patients of", higherIsBetter: metric.higherIsBetter,
      text: { compact ? NumberText.fixed($0, digits: max(metric.digits - 1, 0)) : metric.text($0) },
      label: "\(metric.title) of every model on every site's test patients")
    return section("Every model on every site", id: "matrix") {
      HTMLPage.figure(
        map.draw(),
        caption:
          "\(metric.titleWithUnit) of each model (rows) on each site's test patients (columns); lighter is better. "
          + (matrix.rows.contains { $0.site != nil }
            ? "A frame marks a site's own model on its own patients: what lies beside it in the same row is how that model does abroad."
            : ""))
    }
  }
}
