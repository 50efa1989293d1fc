import Credentials
import Reporting
import Testing

@testable import Dashboard

@Suite struct StatisticsPageTests {
  private static let running = "/studies/lgg-brain-mri"

  private func board(_ statistics: StudyStatistics?) throws -> TestBoard {
    try TestBoard(SampleSource { $0.studies["lgg-brain-mri"]?.statistics = statistics })
  }

  @Test(arguments: [Role.observer, .operator, .lead])
  func runningStudyShowsStatisticsToEveryRole(role: Role) async throws {
    try await board(Sample.statistics).test { browser in
      let page = try PageInspector(await browser.page(Self.running, role))
      let section = try #require(page.all("section").first { $0.attributes["id"] == "statistics" })
      for text in [
        "What the sites' data hold", "age (year)", "Henry Ford Hospital", "61.5", "57.4", "0–9",
        "sex: male",
        "Thomas Jefferson University releases nothing: it has fewer than 10 patients.",
      ] {
        #expect(section.text.contains(text), "\(text)")
      }
      // One drawing has the item's histograms; the others are two panels of curves and the matrix.
      #expect(page.all("svg").filter { $0.attributes["role"] == "img" }.count == 4)
    }
  }

  @Test func tablesAndHistogramsScrollInTheirOwnBox() async throws {
    try await board(Sample.statistics).test { browser in
      let page = try PageInspector(await browser.page(Self.running))
      let boxes = page.all("div").filter { $0.attributes["class"] == "scroll" }
      #expect(boxes.allSatisfy { $0.attributes["tabindex"] == "0" && $0.attributes["role"] == "region" })
      #expect(boxes.flatMap(\.children).count { $0 == "table" } == page.all("table").count)
      #expect(
        boxes.contains { $0.attributes["aria-label"] == "Mean, standard deviation and quantiles of age" })
    }
  }

  @Test func studyWithoutStatisticsHasNoSuchSection() async throws {
    try await board(nil).test { browser in
      let page = try PageInspector(await browser.page(Self.running))
      #expect(!page.elements.contains { $0.attributes["id"] == "statistics" })
      #expect(!page.text.contains("What the sites' data hold"))
      let all = try PageInspector(await browser.page(Self.running + "/statistics"))
      #expect(all.text.contains("This study has no statistics of the sites' data."))
    }
  }

  @Test func manyItemsHaveAPageOfTheirOwn() async throws {
    var many = Sample.statistics
    many.items = (1...40).map { Sample.number("measure-\($0)-") }
    many.omitted = 7
    try await board(many).test { browser in
      let page = try PageInspector(await browser.page(Self.running))
      #expect(page.text.contains("measure-12-") && !page.text.contains("measure-13-"))
      #expect(!page.text.contains("7 further items"))
      let link = try #require(page.all("a").first { $0.text == "All 40 items" }?.attributes["href"])
      let all = try PageInspector(await browser.page(link, .observer))
      #expect((1...40).allSatisfy { all.text.contains("measure-\($0)-") })
      #expect(all.text.contains("7 further items were left out."))
    }
  }

  @Test func statisticsRequireSigningIn() async throws {
    try await board(Sample.statistics).test { browser in
      let response = try await browser.get(Self.running + "/statistics")
      #expect(response.status == .seeOther)
    }
  }
}
