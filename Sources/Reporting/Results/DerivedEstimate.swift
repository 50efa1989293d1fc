/// A number that was computed from several models' bootstrap replicates before these were removed.
///
/// Resamples follow from the study's seed. Many replicates of a mean are therefore equations that can be
/// solved for each patient's value, so `report.json` holds no replicates. It holds the results that need
/// them.
public struct DerivedEstimate: Sendable, Codable, Equatable {
  public enum Quantity: String, Sendable, Codable {
    /// The mean over sites of one model; `other` is the site that trained it alone.
    case modelMean = "model-mean"
    /// The mean over sites of an arm.
    case mean
    case overLocal = "over-local"
    case generalisability
    case overLocalRelative = "over-local-relative"
    case generalisabilityRelative = "generalisability-relative"
    /// The arm's mean as a share of that of the arm `other`.
    case share
    /// The margin over the model that the site `other` trained alone.
    case lead
    /// The gain at the site `other` over its own model.
    case siteGain = "site-gain"
    /// The difference from the arm `other`.
    case difference
  }

  /// What a number is about, apart from the metric.
  struct Key: Hashable {
    var quantity: Quantity
    var arm: String
    var other: String?
  }

  public var metric: String
  public var quantity: Quantity
  public var arm: String
  /// A site or another arm, as `quantity` says.
  public var other: String?
  public var estimate: SummaryEstimate

  init(_ metric: String, _ key: Key, _ estimate: SummaryEstimate) {
    self.metric = metric
    self.quantity = key.quantity
    self.arm = key.arm
    self.other = key.other
    self.estimate = estimate
  }

  var key: Key { Key(quantity: quantity, arm: arm, other: other) }
}

extension ResultMatrix {
  /// Every number that a report derives from several replicates of this metric.
  func derivedEstimates(_ results: StudyResults) -> [DerivedEstimate] {
    let arms = results.arms.map(\.name)
    let shared = results.arms.filter { $0.kind != .local }.map(\.name)
    var found: [(DerivedEstimate.Key, SummaryEstimate?)] = []
    for row in rows { found.append((row.meanKey, mean(of: row))) }
    for arm in arms { found.append((.init(quantity: .mean, arm: arm), mean(ofArm: arm))) }
    for arm in shared {
      found += [
        (.init(quantity: .overLocal, arm: arm), gainOverLocal(of: arm)),
        (.init(quantity: .generalisability, arm: arm), generalisabilityGain(of: arm)),
        (.init(quantity: .overLocalRelative, arm: arm), relativeGainOverLocal(of: arm)),
        (.init(quantity: .generalisabilityRelative, arm: arm), relativeGeneralisabilityGain(of: arm)),
      ]
      found += leads(of: arm).map {
        (.init(quantity: .lead, arm: arm, other: $0.site.rawValue), $0.difference)
      }
      found += siteGains(of: arm).map {
        (.init(quantity: .siteGain, arm: arm, other: $0.site.rawValue), $0.difference)
      }
    }
    for arm in arms {
      for other in arms where other != arm {
        found += [
          (.init(quantity: .share, arm: arm, other: other), share(of: arm, to: other)),
          (.init(quantity: .difference, arm: arm, other: other), difference(of: arm, from: other, in: self)),
        ]
      }
    }
    return found.compactMap { key, estimate in estimate.map { DerivedEstimate(metric, key, $0) } }
  }
}
