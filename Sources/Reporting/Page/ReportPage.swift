import EvaluationMetrics
import FederatedCore

/// The report of one run as a self-contained page, with figures as SVG. It has no scripts and fetches
/// nothing.
///
/// The page is well-formed XML as well as HTML. Each section is in its own file.
struct ReportPage {
  let results: StudyResults
  /// The metric that figures and summaries show.
  let metric: MetricStyle
  let matrix: ResultMatrix

  init(_ results: StudyResults) {
    self.results = results
    let primary = results.study.metrics.first ?? "metric"
    metric = MetricStyle(primary)
    matrix = ResultMatrix(results, metric: primary)
  }

  func render() -> String {
    HTMLPage.document(title: results.study.title) {
      header
      headline
      cautions
      tag("main") {
        for section in sections { section }
      }
      tag("footer") {
        tag("p") {
          tag("strong") { "For research only." }
          " This is not a medical device, and must not be used for decisions about patients. Written by Consilium. Everything on this page is a count or a result per site\(exceptions)."
        }
      }
    }
  }

  /// The parts of the page that show single patients.
  private var exceptions: String {
    let parts =
      (worstResults.isEmpty ? [] : ["the single results of this simulation's test \(unit.plural)"])
      + (results.panels.isEmpty ? [] : ["the image panels that the study permits"])
    return parts.isEmpty ? "" : ", except for \(Prose.list(parts))"
  }

  private var sections: [Markup] {
    [
      siteResults, crossSiteMatrix, decisions, calibration, learningCurves, worstCases, imagePanels,
      participants, statistics, classMix, comparedArms, question, omissions, repetition, glossary,
    ].compactMap(\.self)
  }

  /// The unit of analysis.
  var unit: UnitOfAnalysis { results.study.unit }

  func style(of arm: ArmResults) -> SeriesStyle { Palette.style(ofArm: arm.name, kind: arm.kind) }

  /// The confidence level of the intervals, such as `95 %`.
  var confidenceText: String {
    let percent = 100 * results.study.confidence
    return NumberText.fixed(percent, digits: percent == percent.rounded() ? 0 : 1) + "\u{A0}%"
  }

  /// The arms with at least one test result, in order.
  var testedArms: [ArmResults] {
    results.arms.filter { arm in arm.models.contains { !$0.test.isEmpty } }
  }

  /// The site's full name if the study gives one.
  func title(of site: SiteID) -> String {
    results.title(of: site)
  }

  /// The heading of an arm in tables where each site's own model represents a local arm.
  func heading(of arm: ArmResults) -> String {
    arm.kind == .local ? "\(arm.title) (own site)" : arm.title
  }

  /// The title of a model: `Local: Duke`, or `FedAvg`.
  func title(of row: ResultMatrix.Row) -> String {
    row.site.map { "\(ArmTitle.text(row.arm)): \(title(of: $0))" } ?? ArmTitle.text(row.arm)
  }

  func evaluation(arm: ArmResults, site: SiteID) -> SiteEvaluation? {
    let model = arm.models.first { $0.site == nil || $0.site == site }
    return model?.test.first { $0.site == site }?.evaluation
  }

  func section(_ title: String, id: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
    tag("section", ["id": id]) {
      tag("h2") { title }
      content()
    }
  }
}
