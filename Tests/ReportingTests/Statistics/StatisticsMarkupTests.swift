import FederatedCore
import Foundation
import Testing

@testable import Reporting

struct StatisticsMarkupTests {
  private var results: StudyResults {
    var results = SampleResults.make()
    results.statistics = StatisticsTextTests.sample
    return results
  }

  @Test func theReportHasASectionOfTheSitesData() throws {
    let page = ReportPage(results).render()
    #expect(page.contains("<section id=\"statistics\">"))
    #expect(page.contains("Histograms of age, by site"))
    #expect(page.contains("sex: male"))
    #expect(page.contains("releases nothing: it has fewer than 10 patients"))
    // A coarse quantile has its limits below it.
    #expect(page.contains("~57.0<span class=\"ci\">0.0 to 20.0</span>"))
    _ = try PageInspector(page)
    #expect(!ReportPage(SampleResults.make()).render().contains("id=\"statistics\""))
  }

  @Test func statisticsSurviveTheReportsFile() throws {
    #expect(try Report(json: Report(results).json).results == results.withoutReplicates())
  }
}
