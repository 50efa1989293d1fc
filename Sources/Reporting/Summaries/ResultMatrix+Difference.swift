import FederatedCore

extension ResultMatrix {
  /// The difference between an arm's mean over sites and that of an arm of another matrix about the same
  /// patients, with its interval from paired resamples.
  ///
  /// - Returns: `nil` if no site has both, or if their numbers of resamples differ.
  func difference(of arm: String, from other: String, in matrix: ResultMatrix) -> SummaryEstimate? {
    let pairs = sites.compactMap { site -> (MetricEstimate, MetricEstimate)? in
      guard let one = estimate(arm: arm, site: site), let two = matrix.estimate(arm: other, site: site)
      else { return nil }
      return (one, two)
    }
    guard !pairs.isEmpty, pairs.allSatisfy({ $0.0.replicates.count == $0.1.replicates.count }) else {
      return nil
    }
    let siteCount = Double(pairs.count)
    return SummaryEstimate(of: pairs.flatMap { [$0.0, $0.1] }, pairs: pairs, confidence: confidence) {
      values in
      var sum = 0.0
      for index in stride(from: 0, to: values.count, by: 2) { sum += values[index] - values[index + 1] }
      return sum / siteCount
    }
  }
}
