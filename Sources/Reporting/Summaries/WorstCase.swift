import FederatedCore

/// A test patient with one of a model's worst results, identified by a random number.
public struct WorstCase: Sendable, Equatable {
  public var site: SiteID
  public var result: CaseResult

  /// The worst cases of all sites, worst first.
  ///
  /// - Parameters:
  ///   - tests: A model's results, with results of single patients; these exist in simulations only.
  ///   - count: The maximum number of cases.
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
