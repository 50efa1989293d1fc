import FederatedCore
import Reporting
import StudyProtocol

/// Combines the answers of the sites into the statistics of a study.
public struct StatisticsBuilder {
  /// A site that was asked, and its released answer to the question for counts.
  public struct Answer: Sendable {
    public var site: SiteID
    public var title: String?
    /// The answer; `nil` if the site did not answer.
    public var statistics: SiteStatistics?
    /// The reason why the site did not answer; `nil` if it did.
    public var note: String?

    public init(site: SiteID, title: String? = nil, statistics: SiteStatistics?, note: String? = nil) {
      self.site = site
      self.title = title
      self.statistics = statistics
      self.note = note
    }
  }

  private let study: Study
  private let items: [StatisticsItem]
  private let grids: [StatisticsGrid?]

  /// - Parameter question: The question that the sites answered.
  public init(_ study: Study, question: StatisticsQuestion) {
    self.study = study
    items = study.statisticsItems
    if case .counts(let grids) = question, grids.count == items.count {
      self.grids = grids
    } else {
      grids = items.map { _ in nil }
    }
  }

  /// - Parameter answers: The sites' answers, in the order of the report.
  public func statistics(of answers: [Answer]) -> StudyStatistics {
    let sites = answers.map { answer in
      let known = answer.statistics
      let isSilent = known.map { $0.items.count != items.count } ?? true
      return StudyStatistics.Site(
        site: answer.site, title: answer.title, patients: isSilent ? 0 : known?.patients ?? 0,
        minimum: known?.minimum ?? 1,
        note: isSilent ? answer.note ?? Self.silence(known, study.unit) : nil)
    }
    let speaking = answers.map { answer in
      answer.statistics.flatMap { $0.items.count == items.count ? $0 : nil }
    }
    return StudyStatistics(
      study: study.header.name, title: study.header.title, unit: study.unit, sites: sites,
      items: items.indices.map { item($0, speaking) }, omitted: study.omittedStatistics)
  }

  private static func silence(_ statistics: SiteStatistics?, _ unit: UnitOfAnalysis) -> String {
    guard let statistics else { return "it did not answer" }
    return "it has fewer than \(statistics.minimum) \(unit.plural), or its policy withholds its own figures"
  }

  private func item(_ number: Int, _ answers: [SiteStatistics?]) -> StudyStatistics.Item {
    let item = items[number]
    let own = answers.map { answer in
      answer.flatMap { SiteFigures(item, grids[number], $0.items[number], of: $0) }
    }
    let known = own.compactMap(\.self)
    return StudyStatistics.Item(
      title: item.title, kind: item.isNumber ? .number : item.labels.isEmpty ? .intensity : .classes,
      unit: item.unit, labels: item.labels, canLack: item.canLack,
      range: grids[number].map { StatisticsRange(low: $0.low, high: $0.high) },
      sites: own.map { $0?.figures }, pooled: SiteFigures.pooled(known, on: grids[number]))
  }
}
