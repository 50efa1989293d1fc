import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

struct StatisticsItemTests {
  private func example(_ name: String) throws -> Study {
    let examples = URL(filePath: #filePath).appending(path: "../../../../Examples").standardizedFileURL
    return try Study(file: examples.appending(path: "\(name)/study.yaml"))
  }

  @Test func aTableGivesItsNumbersAndCategories() throws {
    let items = try example("heart-disease").statisticsItems
    #expect(
      items.map(\.title) == [
        "age", "sex", "chest-pain", "blood-pressure", "cholesterol", "fasting-blood-sugar", "resting-ecg",
        "maximum-heart-rate", "exercise-angina", "st-depression", "disease",
      ])
    #expect(items[0].declaredGrid == StatisticsGrid(low: 20, high: 90))
    #expect(items[0].limited(StatisticsRange(low: 10, high: 80)) == StatisticsRange(low: 20, high: 80))
    #expect(items[0].limited(StatisticsRange(low: 95, high: 99)) == StatisticsRange(low: 95, high: 99))
    #expect(items[2].labels.count == 4)
    #expect(items.allSatisfy { !$0.canLack })
  }

  @Test func theSplitAndIdentifiersAreNotCounted() throws {
    let names = try example("tcga-brca").statisticsItems.map(\.title)
    #expect(names.prefix(3) == ["death", "follow-up", "age"])
    #expect(!names.contains("fold") && !names.contains("patient"))
  }

  @Test func imagesGiveTheirGeometryAndIntensities() throws {
    let items = try example("lgg-brain-mri").statisticsItems
    #expect(
      items.map(\.title) == [
        "flair: spacing along x", "flair: spacing along y", "flair: spacing along z", "flair: size along x",
        "flair: size along y", "flair: size along z", "flair: intensity", "lesion: abnormality",
        "lesion: share of abnormality", "age",
      ])
    #expect(items[0].unit == "mm" && items[0].canLack)
    #expect(items[6].bins == StatisticsGrid.intensityBins)
    #expect(items[7].labels == ["absent", "present"])
    #expect(items[9].canLack && items[9].declaredGrid == StatisticsGrid(low: 0, high: 120))
  }

  @Test func theGridReachesOverTheRangesOfAllSites() throws {
    let study = try example("lgg-brain-mri")
    func answer(_ range: StatisticsRange?) -> SiteStatistics {
      var items = study.statisticsItems.map { _ in ItemStatistics() }
      items[0].range = range
      return SiteStatistics(patients: 20, minimum: 10, items: items)
    }
    let answers = [
      answer(.init(low: 0.5, high: 1)), answer(nil), answer(.init(low: 0.25, high: 0.75)),
      SiteStatistics(patients: 0, minimum: 10, items: []),
    ]
    guard case .counts(let grids) = StatisticsQuestion(for: study, after: answers) else {
      Issue.record("not a question for counts")
      return
    }
    #expect(grids[0] == StatisticsGrid(low: 0.25, high: 1))
    #expect(grids[1] == nil && grids[7] == nil)
    #expect(grids[9] == StatisticsGrid(low: 0, high: 120))
  }
}
