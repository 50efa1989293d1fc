import EvaluationMetrics
import FederatedCore

/// The matrix M[i][j] of one metric: every final model on every site's test data.
public struct ResultMatrix: Sendable {
  /// A model of the run, with its results.
  public struct Row: Sendable, Equatable {
    public var arm: String
    public var kind: ArmResults.Kind
    /// The site that trained the model alone; `nil` for a pooled or federated model.
    public var site: SiteID?
    fileprivate var estimates: [SiteID: MetricEstimate]
    /// The result on the test patients of all sites as one group.
    var together: MetricEstimate?

    /// The label, such as `local DU` or `fedavg`.
    public var label: String { site.map { "\(arm) \($0)" } ?? arm }

    var meanKey: DerivedEstimate.Key { .init(quantity: .modelMean, arm: arm, other: site?.rawValue) }
  }

  public let metric: String
  public let sites: [SiteID]
  /// The confidence level of the intervals.
  public let confidence: Double
  /// The models, in the order of the arms. The several models of a local arm keep their own order.
  public let rows: [Row]
  /// The numbers that were derived from replicates before these were removed; empty if the results have
  /// replicates.
  private let derived: [DerivedEstimate.Key: SummaryEstimate]

  public init(_ results: StudyResults, metric: String) {
    self.metric = metric
    sites = results.sites.map(\.site)
    confidence = results.study.confidence
    derived = Dictionary(
      (results.derived ?? []).filter { $0.metric == metric }.map { ($0.key, $0.estimate) }
    ) { first, _ in first }
    rows = results.arms.flatMap { arm in
      arm.models.map { model in
        let estimates = model.test.compactMap { result in
          result.evaluation[metric].flatMap { $0.value.isFinite ? (result.site, $0) : nil }
        }
        return Row(
          arm: arm.name, kind: arm.kind, site: model.site,
          estimates: Dictionary(estimates) { first, _ in first },
          together: model.together?[metric].flatMap { $0.value.isFinite ? $0 : nil })
      }
    }
  }

  /// The result of a model at a site; `nil` if the metric is undefined there or the model was not evaluated
  /// there.
  public subscript(row: Row, site: SiteID) -> MetricEstimate? { row.estimates[site] }

  /// A model's result at a site with its interval.
  public func summary(of row: Row, site: SiteID) -> SummaryEstimate? {
    row.estimates[site].map { SummaryEstimate($0, confidence: confidence) }
  }

  /// The arm's result at a site: the result of its single model or, for a local arm, of the site's own model.
  public func estimate(arm: String, site: SiteID) -> MetricEstimate? {
    rows.first { $0.arm == arm && ($0.site == nil || $0.site == site) }?.estimates[site]
  }

  /// A model's result on the test patients of all sites as one group, each patient with equal weight; `nil`
  /// if their data were never in one place.
  public func together(_ row: Row) -> SummaryEstimate? {
    row.together.map { SummaryEstimate($0, confidence: confidence) }
  }

  /// The result of the arm's single model, as in ``together(_:)``; `nil` for an arm with several models.
  func together(ofArm arm: String) -> SummaryEstimate? {
    rows.first { $0.arm == arm && $0.site == nil }.flatMap(together)
  }

  /// Whether some model was tested on the patients of all sites as one group.
  var hasTogether: Bool { rows.contains { $0.together != nil } }

  /// The mean over the sites where the model's result is defined, each with equal weight.
  public func mean(of row: Row) -> SummaryEstimate? {
    known(row.meanKey) ?? mean(of: sites.compactMap { row.estimates[$0] })
  }

  /// The mean over sites of an arm's results; see ``estimate(arm:site:)``.
  public func mean(ofArm arm: String) -> SummaryEstimate? {
    known(.init(quantity: .mean, arm: arm)) ?? mean(of: sites.compactMap { estimate(arm: arm, site: $0) })
  }

  /// A number that was derived before the replicates were removed; `nil` if it has to be computed.
  func known(_ key: DerivedEstimate.Key) -> SummaryEstimate? { derived[key] }

  private func mean(of estimates: [MetricEstimate]) -> SummaryEstimate? {
    estimates.isEmpty ? nil : SummaryEstimate(of: estimates, confidence: confidence, Self.mean)
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  var higherIsBetter: Bool { MetricStyle(metric).higherIsBetter }
}
