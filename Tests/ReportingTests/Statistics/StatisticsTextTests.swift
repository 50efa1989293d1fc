import FederatedCore
import Testing

@testable import Reporting

struct StatisticsTextTests {
  static func figures(
    mean: Double, coarse: Double = 0.004, classes: [StudyStatistics.CountRange] = [], patients: Int = 40
  ) -> StudyStatistics.Figures {
    var figures = StudyStatistics.Figures(patients: patients)
    figures.mean = mean
    figures.standardDeviation = 9.5
    figures.quantiles = StudyStatistics.shares.map {
      .init(share: $0, value: mean + 40 * ($0 - 0.5), low: 0, high: 100 * coarse, coarseness: coarse)
    }
    figures.histogram = (0..<StudyStatistics.parts).map { Double($0 < 4 ? 0 : min($0, 32 - $0)) / 256 }
    figures.classes = classes
    return figures
  }

  static var sample: StudyStatistics {
    let classes: [StudyStatistics.CountRange] = [.init(25, 25), .init(15, 15)]
    let joined: [StudyStatistics.CountRange] = [.init(0, 40), .init(0, 40)]
    let bounds: [StudyStatistics.CountRange] = [.init(25, 65), .init(15, 55)]
    var pooled = figures(mean: 54, patients: 80)
    pooled.missing = .init(0, 9)
    return StudyStatistics(
      study: "clinic", title: "Coronary artery disease from clinical findings", unit: .patient,
      sites: [
        .init(site: SiteID("north"), patients: 40, minimum: 10),
        .init(site: SiteID("a-very-long-site-name"), patients: 40, minimum: 5),
        .init(
          site: SiteID("south"), patients: 0, minimum: 10,
          note: "it has fewer than 10 patients, or its policy withholds its own figures"),
      ],
      items: [
        .init(
          title: "age", kind: .number, unit: "year", labels: [], canLack: true,
          range: StatisticsRange(low: 0, high: 100),
          sites: [figures(mean: 51.25), figures(mean: 57, coarse: 0.2), nil], pooled: pooled),
        .init(
          title: "sex", kind: .classes, unit: nil, labels: ["female", "male"], canLack: false, range: nil,
          sites: [figures(mean: 0, classes: classes), figures(mean: 0, classes: joined), nil],
          pooled: figures(mean: 0, classes: bounds, patients: 80)),
      ])
  }

  private let text = StatisticsText(sample).text

  @Test func everyLineFitsIntoEightyColumns() {
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!text.contains("nan"))
  }

  @Test func numbersAreOneTableWithTheSitesAndAll() {
    #expect(
      text.contains(
        """
        age (year)
                      missing  mean   SD   5 %   25 %   50 %   75 %   95 %
        north               0  51.2  9.5  33.2   41.2   51.2   61.2   69.2
        a-very-long…        0  57.0  9.5  ~39.0  ~47.0  ~57.0  ~67.0  ~75.0
        all sites         0–9  54.0  9.5  36.0   44.0   54.0   64.0   72.0
        """) || text.contains("all sites         0–9  54.0  9.5   36.0   44.0   54.0   64.0   72.0"))
  }

  @Test func coarseQuantilesAreMarkedAndExplained() {
    #expect(text.contains("~57.0"))
    #expect(text.contains("~ known less exactly than to 1 % of the range"))
  }

  @Test func aHistogramHasAnAxis() {
    let lines = text.split(separator: "\n").map(String.init)
    let axis = lines.first { $0.hasPrefix("              0 ") }
    #expect(axis?.hasSuffix("100") == true)
    #expect(lines.contains { $0.hasPrefix("all sites         ▃▃") })
    #expect(StatisticsText.bars([0, 1, 2, 4, 8]) == " ▂▃▅█")
    #expect(StatisticsText.bars([0, 0]) == "")
  }

  @Test func aJoinedClassIsNotShownAsAShare() {
    #expect(text.contains("Classes, in per cent of patients"))
    #expect(text.contains("sex: male     38     joined  19–69"))
  }

  @Test func aSiteThatReleasesNothingSaysWhy() {
    #expect(text.contains("south         releases nothing: it has fewer than 10 patients"))
  }
}
