import FederatedCore

extension StatisticsQuestion {
  /// The question for counts after the sites have stated where their values lie: a grid over all of their
  /// ranges, or over the range that the study allows if no site has enough patients to state one.
  ///
  /// - Parameter answers: to ``StatisticsQuestion/ranges``.
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
