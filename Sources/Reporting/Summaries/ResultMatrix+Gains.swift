import FederatedCore

/// The two published summaries of the matrix (Roth et al. 2020; Dayan et al. 2021), as relative improvements: +0.2 is 20 %
/// better. For a metric of which less is better, a reduction by 20 % is +0.2.
extension ResultMatrix {
  /// The mean gain over local training: the mean over sites i of F_i / M[i][i] − 1, with F the model of `arm`.
  ///
  /// - Returns: nil where no site has both, or a local result is 0.
  public func gainOverLocal(of arm: String) -> SummaryEstimate? {
    let pairs = localRows.compactMap { local -> [MetricEstimate]? in
      guard let site = local.site, let own = self[local, site], let other = estimate(arm: arm, site: site)
      else { return nil }
      return [other, own]
    }
    guard !pairs.isEmpty else { return nil }
    return SummaryEstimate(of: pairs.flatMap(\.self), confidence: confidence) { values in
      mean(ofGains: stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) })
    }
  }

  /// The gain in generalisability: the mean over sites i of the relative change from the mean of M[i][j] to that of F_j over
  /// the other sites j ≠ i.
  ///
  /// - Returns: nil where no local model was evaluated elsewhere, or its mean there is 0.
  public func generalisabilityGain(of arm: String) -> SummaryEstimate? {
    var estimates: [MetricEstimate] = []
    // For each local model, the places of its results abroad and of the arm's results there.
    var blocks: [(local: Range<Int>, other: Range<Int>)] = []
    for local in localRows {
      let abroad = sites.filter {
        $0 != local.site && self[local, $0] != nil && estimate(arm: arm, site: $0) != nil
      }
      guard !abroad.isEmpty else { continue }
      let start = estimates.count
      estimates += abroad.compactMap { self[local, $0] } + abroad.compactMap { estimate(arm: arm, site: $0) }
      blocks.append((start..<(start + abroad.count), (start + abroad.count)..<estimates.count))
    }
    guard !blocks.isEmpty else { return nil }
    return SummaryEstimate(of: estimates, confidence: confidence) { values in
      mean(
        ofGains: blocks.map { (Self.mean(Array(values[$0.other])), Self.mean(Array(values[$0.local]))) })
    }
  }

  /// The arm's mean over sites as a share of another arm's; nil where either is missing or the other's is 0.
  public func share(of arm: String, to other: String) -> SummaryEstimate? {
    let common = sites.filter { estimate(arm: arm, site: $0) != nil && estimate(arm: other, site: $0) != nil }
    let estimates = [arm, other].flatMap { arm in common.compactMap { estimate(arm: arm, site: $0) } }
    guard !common.isEmpty else { return nil }
    return SummaryEstimate(of: estimates, confidence: confidence) { values in
      let whole = Self.mean(Array(values[common.count...]))
      return whole == 0 ? nil : Self.mean(Array(values[..<common.count])) / whole
    }
  }

  var localRows: [Row] { rows.filter { $0.kind == .local && $0.site != nil } }

  private func mean(ofGains pairs: [(new: Double, old: Double)]) -> Double? {
    guard pairs.allSatisfy({ $0.old != 0 }) else { return nil }
    let gains = pairs.map { higherIsBetter ? $0.new / $0.old - 1 : 1 - $0.new / $0.old }
    return Self.mean(gains)
  }
}
