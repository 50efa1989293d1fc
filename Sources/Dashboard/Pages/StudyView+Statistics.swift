import Reporting

extension StudyView {
  /// The page updates itself, so it shows only the first few items; a separate page has all of them.
  private static let mostItems = 12

  @MarkupBuilder var statistics: Markup {
    if let found = study.statistics {
      Parts.section(StatisticsPage.heading, id: "statistics") {
        let count = found.items.count
        if count > Self.mostItems {
          StatisticsMarkup(found.prefix(Self.mostItems)).content
          tag("p") {
            "These are the first \(Self.mostItems) items. "
            tag("a", ["href": Address.statistics(study.line.id)]) { "All \(count) items" }
          }
        } else {
          StatisticsMarkup(found).content
        }
      }
    }
  }
}

/// All federated statistics of a study.
struct StatisticsPage: Page {
  static let heading = "What the sites' data hold"

  let study: StudyPage

  var title: String { "\(Self.heading): \(study.line.title)" }
  var topic: String? { nil }

  var content: Markup {
    Parts.trail([("Overview", Address.overview), (study.line.title, Address.study(study.line.id))])
    tag("h1") { Self.heading }
    if let found = study.statistics {
      Parts.section("Figures by site", id: "statistics") { StatisticsMarkup(found).content }
    } else {
      tag("p") { "This study has no statistics of the sites' data." }
    }
  }
}

extension StudyStatistics {
  fileprivate func prefix(_ count: Int) -> StudyStatistics {
    var part = self
    part.items = Array(items.prefix(count))
    part.omitted = 0
    return part
  }
}
