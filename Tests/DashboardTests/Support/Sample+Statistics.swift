import FederatedCore
import Reporting

extension Sample {
  /// The statistics of two sites that release figures and of one that does not.
  static let statistics = StudyStatistics(
    study: "heart-failure", title: "Survival with heart failure", unit: .patient,
    sites: [
      .init(site: sites[0], title: titles["DU"], patients: 120, minimum: 10),
      .init(site: sites[1], title: titles["HT"], patients: 85, minimum: 5),
      .init(
        site: sites[2], title: titles["CS"], patients: 0, minimum: 10, note: "it has fewer than 10 patients"),
    ],
    items: [number("age"), classes("sex")])

  /// A number between 0 and 100 with a histogram of each site.
  static func number(_ title: String, unit: String = "year") -> StudyStatistics.Item {
    StudyStatistics.Item(
      title: title, kind: .number, unit: unit, labels: [], canLack: true,
      range: StatisticsRange(low: 0, high: 100),
      sites: [figures(patients: 120, mean: 61.5), figures(patients: 85, mean: 57.4), nil],
      pooled: figures(patients: 205, mean: 59.75))
  }

  static func classes(_ title: String, labels: [String] = ["female", "male"]) -> StudyStatistics.Item {
    func counts(_ first: Int, of patients: Int) -> StudyStatistics.Figures {
      var figures = StudyStatistics.Figures(patients: patients)
      figures.classes = [.init(first, first), .init(patients - first, patients - first)]
      return figures
    }
    return StudyStatistics.Item(
      title: title, kind: .classes, unit: nil, labels: labels, canLack: false, range: nil,
      sites: [counts(48, of: 120), counts(34, of: 85), nil], pooled: counts(82, of: 205))
  }

  private static func figures(patients: Int, mean: Double) -> StudyStatistics.Figures {
    var figures = StudyStatistics.Figures(patients: patients)
    figures.mean = mean
    figures.standardDeviation = 11.5
    figures.missing = .init(0, 9)
    figures.quantiles = StudyStatistics.shares.map {
      .init(share: $0, value: mean + 40 * ($0 - 0.5), low: 0, high: 100, coarseness: $0 < 0.5 ? 0.2 : 0.001)
    }
    figures.histogram = (0..<StudyStatistics.parts).map { Double(min($0, 32 - $0)) / 256 }
    return figures
  }
}
