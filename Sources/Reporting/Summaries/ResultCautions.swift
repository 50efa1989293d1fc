import EvaluationMetrics
import FederatedCore

/// Finds cautions for the readers of a run's results, from the results alone.
///
/// The study's own cautions concern sets that are too small, and are known before the run. The cautions here
/// concern problems that only a run reveals.
public struct ResultCautions {
  private let results: StudyResults
  private let metric: MetricStyle
  private let matrix: ResultMatrix

  public init(_ results: StudyResults) {
    self.results = results
    let name = results.study.metrics.first ?? "metric"
    metric = MetricStyle(name)
    matrix = ResultMatrix(results, metric: name)
  }

  /// All cautions in the order of the report, with cautions about harm first.
  public var all: [Caution] {
    let shared = results.arms.filter { $0.kind == .federated }
    return shared.compactMap(harm) + shared.compactMap(possibleHarm) + results.arms.compactMap(chosenEarly)
      + shared.compactMap(stillRising)
      + shared.flatMap(chance) + [undefined].compactMap(\.self) + MissingIntervals(results, matrix).cautions
  }

  // MARK: Harm

  private func harm(_ arm: ArmResults) -> Caution? {
    let harmed = matrix.siteGains(of: arm.name).filter(\.isHarm)
    guard !harmed.isEmpty else { return nil }
    let losses = harmed.map { "\($0.site) (\(metric.differenceText($0.difference)))" }
    return Caution(
      .harm, sites: harmed.map(\.site), arm: arm.name,
      message:
        "With \(arm.name), \(Prose.list(losses)) \(harmed.count == 1 ? "is" : "are") worse off on \(harmed.count == 1 ? "its" : "their") own \(results.study.unit.plural) than with \(harmed.count == 1 ? "its" : "their") own model: \(metric.title), difference with its interval."
    )
  }

  /// Warns of sites that seem worse off with the arm's model, although the difference may be due to chance.
  /// Ignores differences below one percentage point or, for a metric with a unit such as mm, below 1 of it.
  private func possibleHarm(_ arm: ArmResults) -> Caution? {
    let losing = matrix.siteGains(of: arm.name).filter { gain in
      gain.isLoss && !gain.isHarm && -gain.difference.value * metric.differenceScale >= 1
    }
    guard !losing.isEmpty else { return nil }
    let losses = losing.map { "\($0.site) (\(metric.differenceText($0.difference)))" }
    let isOne = losing.count == 1
    return Caution(
      .possibleHarm, sites: losing.map(\.site), arm: arm.name,
      message:
        "With \(arm.name), \(Prose.list(losses)) \(isOne ? "does" : "do") worse on \(isOne ? "its" : "their") own \(results.study.unit.plural) than with \(isOne ? "its own model" : "their own models"), which may be due to chance."
    )
  }

  // MARK: Rounds

  /// Warns if the result is a model from the first quarter of the rounds.
  private func chosenEarly(_ arm: ArmResults) -> Caution? {
    let early = arm.models.filter { model in
      guard let choice = model.choice, choice.basis == .best || choice.basis == .score else { return false }
      return 4 * choice.round <= choice.lastRound
    }
    guard let first = early.first?.choice else { return nil }
    let sites = early.compactMap(\.site)
    let whose = sites.isEmpty ? arm.name : "\(arm.name) (\(Prose.list(sites.map(\.rawValue))))"
    return Caution(
      .chosenEarly, sites: sites, arm: arm.name,
      message:
        "The result of \(whose) is the model of round \(first.round) of \(first.lastRound), one of the first, so it has hardly been trained. It was selected on \(first.units(results.study.unit))."
    )
  }

  /// Warns if the validation score, pooled over sites, rises by more than chance over the second half of the
  /// rounds and is still rising in the last quarter.
  private func stillRising(_ arm: ArmResults) -> Caution? {
    let scores = arm.rounds.compactMap { round -> (round: Double, score: Double)? in
      pooledScore(round).map { (Double(round.round), $0) }
    }
    let half = Array(scores.suffix(max(6, scores.count / 2)))
    guard half.count >= 6, let trend = Trend(half.map(\.round), half.map(\.score)) else { return nil }
    let sign = metric.higherIsBetter ? 1.0 : -1.0
    let gain = sign * trend.slope * (half[half.count - 1].round - half[0].round)
    let notable = metric.isProportion ? 0.02 : 0.05 * abs(half[half.count - 1].score)
    guard sign * trend.slope > 2 * trend.error, gain > notable else { return nil }
    let quarter = Array(half.suffix(max(3, half.count / 2)))
    guard let end = Trend(quarter.map(\.round), quarter.map(\.score)), sign * end.slope > 0 else {
      return nil
    }
    return Caution(
      .stillRising, arm: arm.name,
      message:
        "The validation \(metric.title) of \(arm.name) is still improving at the last round (by \(metric.text(gain)) over the last \(half.count) validations); with more rounds, the result may be better."
    )
  }

  private func pooledScore(_ round: RoundResults) -> Double? {
    var (sum, units) = (0.0, 0)
    for result in round.validation {
      guard let estimate = result.evaluation[metric.name], estimate.value.isFinite else { continue }
      sum += estimate.value * Double(estimate.patientCount)
      units += estimate.patientCount
    }
    return units > 0 ? sum / Double(units) : nil
  }

  // MARK: Chance

  private func chance(_ arm: ArmResults) -> [Caution] {
    guard let chance = metric.chance(classCount: results.study.classNames.count),
      let row = matrix.rows.first(where: { $0.arm == arm.name && $0.site == nil })
    else { return [] }
    var (below, around): ([SiteID], [SiteID]) = ([], [])
    for site in matrix.sites {
      guard let summary = matrix.summary(of: row, site: site), let low = summary.low, let high = summary.high
      else { continue }
      if high < chance { below.append(site) } else if low <= chance { around.append(site) }
    }
    let level = metric.text(chance)
    return [
      below.isEmpty
        ? nil
        : Caution(
          .belowChance, sites: below, arm: arm.name,
          message:
            "At \(Prose.list(below.map(\.rawValue))), the \(metric.title) of \(arm.name) is below chance (\(level)), with its whole interval: classes or scores may be swapped there."
        ),
      around.isEmpty
        ? nil
        : Caution(
          .notAboveChance, sites: around, arm: arm.name,
          message:
            "At \(Prose.list(around.map(\.rawValue))), the interval of the \(metric.title) of \(arm.name) contains chance (\(level)): these \(results.study.unit.plural) do not show that the model predicts anything."
        ),
    ].compactMap(\.self)
  }

  /// Warns of sites at which a model was tested but the metric is undefined.
  private var undefined: Caution? {
    guard ["auc", "c-index"].contains(metric.name) else { return nil }
    let tests = results.arms.flatMap(\.models).flatMap(\.test)
    let sites = matrix.sites.filter { site in
      let here = tests.filter { $0.site == site && $0.evaluation.patientCount > 0 }
      return !here.isEmpty
        && here.allSatisfy { $0.evaluation[metric.name] == nil && !$0.evaluation.metrics.isEmpty }
    }
    guard !sites.isEmpty else { return nil }
    let reason =
      metric.name == "auc"
      ? "all test \(results.study.unit.plural) there are of one class"
      : "no two test \(results.study.unit.plural) there can be compared"
    return Caution(
      .fewOfClass, sites: sites,
      message:
        "At \(Prose.list(sites.map(\.rawValue))), the \(metric.title) cannot be computed: \(reason). Means are over the other sites."
    )
  }
}

/// A line fitted to points by least squares.
struct Trend {
  /// The slope per unit of x.
  var slope: Double
  /// The standard error of the slope.
  var error: Double

  /// - Returns: `nil` if there are fewer than three points, or only one value of x.
  init?(_ x: [Double], _ y: [Double]) {
    guard x.count == y.count, x.count >= 3 else { return nil }
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let square = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard square > 0 else { return nil }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / square
    let rest = zip(x, y).reduce(0.0) { sum, point in
      let off = point.1 - meanY - slope * (point.0 - meanX)
      return sum + off * off
    }
    self.slope = slope
    error = (rest / (count - 2) / square).squareRoot()
  }
}
