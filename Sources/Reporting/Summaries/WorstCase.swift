import FederatedCore

/// One of the test patients on whom a model does worst, identified by a random number.
public struct WorstCase: Sendable, Equatable {
  public var site: SiteID
  public var result: CaseResult

  /// The worst cases of all sites, the worst first.
  ///
  /// - Parameters:
  ///   - tests: a model's results, with single results; these exist in a simulation only.
  ///   - count: the maximum number of cases.
  public static func all(of tests: [SiteResult], count: Int = 8) -> [WorstCase] {
    let cases = tests.flatMap { test in
      (test.evaluation.details?.cases ?? []).map { WorstCase(site: test.site, result: $0) }
    }
    let sorted = cases.sorted {
      ($0.result.value, $0.site, $0.result.number) < ($1.result.value, $1.site, $1.result.number)
    }
    return Array(sorted.prefix(count))
  }
}
