import FederatedCore

extension StatisticsQuestion {
  /// Creates the question for counts. It follows the question for ranges, and its grids cover the ranges that
  /// all sites have stated. If no site has enough patients to state a range, a grid covers the range that the
  /// study allows.
  ///
  /// - Parameter answers: The sites' answers to ``StatisticsQuestion/ranges``.
  public init(for study: Study, after answers: [SiteStatistics]) {
    let grids = study.statisticsItems.enumerated().map { number, item -> StatisticsGrid? in
      guard item.labels.isEmpty else { return nil }
      let ranges = answers.compactMap { $0.items.indices.contains(number) ? $0.items[number].range : nil }
      guard let first = ranges.first else { return item.declaredGrid }
      let all = ranges.dropFirst().reduce(first) { $0.union($1) }
      return StatisticsGrid(over: item.limited(all), bins: item.bins)
    }
    self = .counts(grids)
  }
}
