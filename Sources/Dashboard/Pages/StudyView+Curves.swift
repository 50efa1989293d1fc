import FederatedCore
import Reporting

extension StudyView {
  /// All sites with a curve in any arm, so that each has the same colour and mark in all figures.
  private var curveSites: [SiteID] {
    Set(study.curves.flatMap { $0.sites.map(\.site) } + study.agreement.map(\.site)).sorted()
  }

  @MarkupBuilder var curves: Markup {
    if study.curves.contains(where: { !$0.sites.isEmpty }) {
      Parts.section("Course of training", id: "training") {
        for arm in study.curves where !arm.sites.isEmpty {
          if study.curves.count > 1 { tag("h3") { study.title(ofModel: arm.arm) } }
          CurveFigures(arm, of: curveSites, unit: study.unit).markup
        }
      }
    }
  }
}

/// The curves of one arm: a line per site, or a panel per site if there are too many lines to distinguish.
struct CurveFigures {
  private static let mostLines = 8

  private let arm: ArmCurves
  private let metric: MetricStyle

  private let sites: [SiteID]
  private let unit: UnitOfAnalysis

  /// - Parameter sites: All sites of the study; a site's position determines its style.
  init(_ arm: ArmCurves, of sites: [SiteID] = [], unit: UnitOfAnalysis = .patient) {
    self.arm = arm
    self.sites = sites.isEmpty ? arm.sites.map(\.site) : sites
    self.unit = unit
    metric = MetricStyle(arm.metric)
  }

  @MarkupBuilder var markup: Markup {
    let isTogether = arm.sites.count <= Self.mostLines
    let best = arm.bestRound.map { " A ring marks round \($0), whose model is the result so far." } ?? ""
    if isTogether {
      HTMLPage.figureGrid(
        panels([("Validation \(metric.title)", arm.sites)], \.validation, metric.title, isMetric: true)
          + panels([("Training loss", arm.sites)], \.loss, "Loss", isMetric: false),
        legend: HTMLPage.legend(
          arm.sites.map { (label: Self.title($0), style: style(of: $0.site)) }),
        caption: "\(validationText(best)) Loss: the mean training loss of each round.")
    } else if !arm.isValidated {
      HTMLPage.figureGrid(
        panels(arm.sites.map { (Self.title($0), [$0]) }, \.loss, "Loss", isMetric: false),
        legend: .empty, caption: "\(Self.withoutValidation) Loss: the mean training loss of each round.")
    } else {
      HTMLPage.figureGrid(
        panels(arm.sites.map { (Self.title($0), [$0]) }, \.validation, metric.title, isMetric: true),
        legend: .empty,
        caption: "\(metric.title) on each site's validation \(unit.plural) after each round.\(best)")
    }
    tag("details", ["id": "numbers-\(arm.arm)"]) {
      tag("summary") { "Show the numbers" }
      table
    }
  }

  private static let withoutValidation = "The study does not validate the models of the rounds."

  /// What the validation curves show, or why there are none.
  private func validationText(_ best: String) -> String {
    if hasValidation {
      return
        "Validation: \(metric.title) on each site's validation \(unit.plural) after each round, \(metric.higherIsBetter ? "higher" : "lower") is better.\(best)"
    }
    return arm.isValidated
      ? "No site has released its \(metric.title) on validation \(unit.plural). Its policy, or too few \(unit.plural), may prevent it."
      : Self.withoutValidation
  }

  private var hasValidation: Bool { arm.sites.contains { $0.validation.contains { $0.value.isFinite } } }

  private static func title(_ site: ArmCurves.Site) -> String { site.title ?? site.site.rawValue }

  private func style(of site: SiteID) -> SeriesStyle {
    let index = sites.firstIndex(of: site) ?? sites.count
    let styles = Palette.distinct(index + 1)
    return styles[index]
  }

  private func panels(
    _ groups: [(title: String, sites: [ArmCurves.Site])], _ points: (ArmCurves.Site) -> [ArmCurves.Point],
    _ yTitle: String, isMetric: Bool
  ) -> [LinePanel] {
    let all = arm.sites.flatMap(points).filter { $0.value.isFinite }
    guard let last = all.map(\.round).max() else { return [] }
    let limits = isMetric && metric.isProportion ? 0.0...1.0 : nil
    let y = LinearScale.niceDomain(of: all.map(\.value), within: limits)
    return groups.map { title, sites in
      LinePanel(
        title: title,
        series: sites.map { site in
          LinePanel.Series(
            label: Self.title(site), style: style(of: site.site),
            points: points(site).filter { $0.value.isFinite }.map { (x: Double($0.round), y: $0.value) },
            ringed: isMetric ? arm.bestRound.map(Double.init) : nil)
        },
        xTitle: "Round", yTitle: yTitle, xDomain: 1...Double(max(2, last)), yDomain: y, wholeNumbers: true)
    }
  }

  /// A table with the newest rounds first.
  private var table: Markup {
    let rounds = Set(arm.sites.flatMap { ($0.validation + $0.loss).map(\.round) }).sorted(by: >)
    return HTMLPage.table(
      head: [.text("Round")] + arm.sites.map { .number(Self.title($0)) },
      caption: "\(metric.titleWithUnit) and, below it, training loss"
    ) {
      for round in rounds.prefix(100) {
        HTMLPage.row(String(round)) {
          for site in arm.sites {
            Parts.cell(class: "n") {
              site.validation.last { $0.round == round }.map { metric.text($0.value) } ?? "–"
              tag("span", ["class": "ci"]) {
                site.loss.last { $0.round == round }.map { NumberText.fixed($0.value, digits: 3) } ?? "–"
              }
            }
          }
        }
      }
    }
  }
}
