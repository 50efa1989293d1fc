import FederatedCore
import Foundation

/// Converts intervals computed by a site into replicates, so that its results can be combined with the
/// results of other sites.
///
/// A site that withholds its bootstrap replicates sends the interval of each model's result and of the
/// difference between every two models. The widths of the intervals give standard errors. The standard errors
/// give the covariance of the models' results at the site:
///
///     cov(a, b) = (var a + var b − var(a − b)) / 2
///
/// Replicates are drawn from the normal distribution with that covariance, with a seed from the study and the
/// site. Sites are independent, so a mean of K sites' differences has the variance Σ var / K².
struct SiteReplicates {
  let seed: UInt64
  let count: Int
  /// The confidence level of the intervals, such as 0.95.
  let confidence: Double

  /// Adds replicates to one site's results if it sent intervals instead.
  ///
  /// - Parameter tests: The results of the site by model digest.
  func fill(_ tests: [String: SiteEvaluation], of site: SiteID) -> [String: SiteEvaluation] {
    guard count > 0 else { return tests }
    var tests = tests
    let names = Set(tests.values.flatMap(\.metrics).filter { $0.interval != nil }.map(\.name)).sorted()
    for name in names {
      let models = tests.keys.sorted().filter {
        tests[$0]?[name].map { $0.interval != nil && $0.replicates.isEmpty } ?? false
      }
      let drawn = draw(name, models.compactMap { digest in tests[digest].map { (digest, $0) } }, site)
      for (model, replicates) in zip(models, drawn) {
        guard let index = tests[model]?.metrics.firstIndex(where: { $0.name == name }) else { continue }
        tests[model]?.metrics[index].replicates = replicates
      }
    }
    return tests
  }

  /// Generates the replicates of each model, which are normally distributed.
  private func draw(
    _ metric: String, _ models: [(digest: String, evaluation: SiteEvaluation)], _ site: SiteID
  )
    -> [[Double]]
  {
    let values = models.map { $0.evaluation[metric]?.value ?? 0 }
    let factor = Self.choleskyFactor(of: covariance(metric, models))
    let item = metric.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
    var generator = RandomStream(
      seed: RandomStream.seed(study: seed, purpose: .bootstrap, site: site, item: item))
    var replicates = values.map { _ in [Double]() }
    for _ in 0..<count {
      let noise = values.map { _ in Self.normal(&generator) }
      for row in values.indices {
        replicates[row].append(values[row] + zip(factor[row], noise).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
    return replicates
  }

  private func covariance(_ metric: String, _ models: [(digest: String, evaluation: SiteEvaluation)])
    -> [[Double]]
  {
    let variances = models.map { model in
      model.evaluation[metric]?.interval.map { variance(of: $0) } ?? 0
    }
    return models.indices.map { row in
      models.indices.map { column in
        guard row != column else { return variances[row] }
        let (one, other) = (models[row], models[column])
        let difference =
          one.evaluation.comparisons?.first { $0.metric == metric && $0.against == other.digest }
          ?? other.evaluation.comparisons?.first { $0.metric == metric && $0.against == one.digest }
        // If the interval of their difference is missing, treat two models as independent, which widens the
        // interval.
        guard let difference else { return 0 }
        return (variances[row] + variances[column] - variance(of: difference.interval)) / 2
      }
    }
  }

  private func variance(of interval: MetricInterval) -> Double {
    let error = (interval.high - interval.low) / (2 * Self.normalQuantile((1 + confidence) / 2))
    return error * error
  }

  // MARK: Numbers

  /// The lower triangle L such that L Lᵀ is the matrix. A direction with zero or (by rounding) negative
  /// variance is set to zero.
  static func choleskyFactor(of matrix: [[Double]]) -> [[Double]] {
    var factor = matrix.map { $0.map { _ in 0.0 } }
    for row in matrix.indices {
      for column in 0...row {
        let rest = (0..<column).reduce(matrix[row][column]) { $0 - factor[row][$1] * factor[column][$1] }
        if row == column {
          factor[row][row] = max(rest, 0).squareRoot()
        } else if factor[column][column] > 1e-9 {
          factor[row][column] = rest / factor[column][column]
        }
      }
    }
    return factor
  }

  /// Draws a standard normal number (Box and Muller 1958).
  private static func normal(_ generator: inout RandomStream) -> Double {
    let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
    return radius * cos(2 * .pi * generator.nextUnit())
  }

  /// The value below which a standard normal number lies with this probability, by bisection of the
  /// distribution function.
  static func normalQuantile(_ probability: Double) -> Double {
    var (low, high) = (-10.0, 10.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
