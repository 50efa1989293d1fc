/// The section with the statistics of the sites' data, if they were added to the run.
extension ReportPage {
  var statistics: Markup? {
    results.statistics.map { found in
      section("The sites' data", id: "statistics") { StatisticsMarkup(found).content }
    }
  }
}
