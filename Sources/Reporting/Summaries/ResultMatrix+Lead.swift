import EvaluationMetrics
import FederatedCore

extension ResultMatrix {
  /// The margin of a model over the best model that one site trained alone.
  public struct Lead: Sendable, Equatable {
    /// The site whose own model is the best.
    public var site: SiteID
    /// Whether both models were tested on the patients of all sites as one group. Otherwise, the margin is
    /// between means over sites.
    public var isTogether: Bool
    /// The difference in units of the metric. Positive values mean that the model is better, even if lower
    /// values of the metric are better.
    public var difference: SummaryEstimate
  }

  /// The margin of the arm's single model, with an interval from paired resamples; `nil` if there is no model
  /// with which to compare it.
  public func lead(of arm: String) -> Lead? {
    leads(of: arm).min { $0.difference.value < $1.difference.value }
  }

  /// The margin over the own model of each site.
  func leads(of arm: String) -> [Lead] {
    guard let model = rows.first(where: { $0.arm == arm && $0.site == nil }) else { return [] }
    let isTogether = model.together != nil && localRows.allSatisfy { $0.together != nil }
    return localRows.compactMap { local -> Lead? in
      guard let site = local.site,
        let difference = known(.init(quantity: .lead, arm: arm, other: site.rawValue))
          ?? difference(from: local, to: model, isTogether: isTogether)
      else { return nil }
      return Lead(site: site, isTogether: isTogether, difference: difference)
    }
  }

  private func difference(from local: Row, to model: Row, isTogether: Bool) -> SummaryEstimate? {
    let common = sites.filter { self[local, $0] != nil && self[model, $0] != nil }
    let pairs =
      isTogether
      ? [(model.together, local.together)] : common.map { (self[model, $0], self[local, $0]) }
    let (models, locals) = (pairs.compactMap(\.0), pairs.compactMap(\.1))
    guard !pairs.isEmpty, models.count == pairs.count, locals.count == pairs.count else { return nil }
    return SummaryEstimate(
      of: models + locals, pairs: Array(zip(models, locals)), confidence: confidence
    ) { values in
      let gain = Self.mean(Array(values[..<pairs.count])) - Self.mean(Array(values[pairs.count...]))
      return higherIsBetter ? gain : -gain
    }
  }
}
