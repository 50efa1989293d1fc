import EvaluationMetrics
import FederatedCore
import Foundation
import ParameterFiles
import StudyProtocol

/// Computes the confidence intervals of a site's test results at the site itself, so that no replicates need
/// to leave the site.
///
/// Stores the results of all models tested so far, with their replicates, in a file at the site: the interval
/// of a difference needs the replicates of the two models, even after a restart.
public actor PairedIntervals {
  private let file: URL
  private let confidence: Double
  /// The results by model digest.
  private var tested: [String: SiteEvaluation]?

  /// - Parameter confidence: The confidence level of the study's intervals, such as 0.95.
  init(file: URL, confidence: Double) {
    self.file = file
    self.confidence = confidence
  }

  /// Creates the intervals that a site sends in a study. Returns `nil` unless the site sends intervals
  /// instead of replicates.
  ///
  /// - Parameter rules: The site's release rules.
  public init?(file: URL, study: Study, rules: ReleaseRules?) {
    guard let rules, rules.intervals, !rules.replicates else { return nil }
    self.init(file: file, confidence: study.evaluation.bootstrap.confidence)
  }

  /// The evaluation with the interval of each metric, and the interval of its difference from each model
  /// tested before. A metric or difference gets an interval only if its replicates vary; an accuracy of 0 or
  /// 1 has an exact interval.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the results cannot be stored.
  public func add(_ evaluation: SiteEvaluation, of digest: String) throws -> SiteEvaluation {
    var known = try tested ?? read()
    known[digest] = evaluation
    try AtomicFile.write(try JSONEncoder().encode(known), to: file)
    tested = known
    var result = evaluation
    for index in result.metrics.indices {
      result.metrics[index].interval = interval(of: result.metrics[index])
    }
    result.comparisons = known.keys.sorted().filter { $0 != digest }.flatMap { other in
      evaluation.metrics.compactMap { metric in
        var comparison = known[other]?[metric.name].flatMap {
          self.comparison(of: metric, with: $0, digest: other)
        }
        if let own = evaluation.patients, let others = known[other]?.patients {
          comparison?.patients = own[metric: metric.name].intersection(others[metric: metric.name])
        }
        return comparison
      }
    }
    return result
  }

  /// Reads the stored results. Ignores a damaged file: only intervals of differences will be missing.
  private func read() throws -> [String: SiteEvaluation] {
    try AtomicFile.contents(of: file).flatMap {
      try? JSONDecoder().decode([String: SiteEvaluation].self, from: $0)
    } ?? [:]
  }

  private func interval(of metric: MetricEstimate) -> MetricInterval? {
    guard metric.patientCount >= SmallNumbers.interval else { return nil }
    return ConfidenceInterval.of(
      metric.name, value: metric.value, count: metric.patientCount, replicates: metric.replicates,
      level: confidence
    ).map { MetricInterval(low: $0.lowerBound, high: $0.upperBound) }
  }

  private func comparison(of metric: MetricEstimate, with other: MetricEstimate, digest: String)
    -> PairedComparison?
  {
    let count = min(metric.patientCount, other.patientCount)
    let differences = zip(metric.replicates, other.replicates).map { $0 - $1 }
    guard count >= SmallNumbers.interval, metric.replicates.count == other.replicates.count,
      let range = ConfidenceInterval.of(differences, level: confidence)
    else { return nil }
    return PairedComparison(
      metric: metric.name, against: digest, patientCount: count,
      interval: MetricInterval(low: range.lowerBound, high: range.upperBound))
  }
}
