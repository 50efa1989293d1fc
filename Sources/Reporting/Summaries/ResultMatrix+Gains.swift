import FederatedCore

/// The two comparisons that papers report (Roth et al. 2020; Dayan et al. 2021), as differences in units of
/// the metric. Positive values mean that the arm is better, even if lower values of the metric are better.
extension ResultMatrix {
  /// The mean gain over local training: the mean over sites i of F_i − M[i][i], with F_i the result of `arm`
  /// at site i.
  ///
  /// The interval is that of the difference, since both models were tested on the same resamples of the same
  /// patients.
  /// - Returns: `nil` if no site has results of both models.
  public func gainOverLocal(of arm: String) -> SummaryEstimate? {
    known(.init(quantity: .overLocal, arm: arm)) ?? gain(over: homeBlocks(of: arm))
  }

  /// The mean gain in generalisability: on the other sites' patients, the results of the arm's model minus
  /// the results of a site's own model. For site i, this is the mean of F_j − M[i][j] over the sites j ≠ i,
  /// with F_j the result of `arm` at site j.
  ///
  /// - Returns: `nil` if no local model was evaluated elsewhere.
  public func generalisabilityGain(of arm: String) -> SummaryEstimate? {
    known(.init(quantity: .generalisability, arm: arm)) ?? gain(over: abroadBlocks(of: arm))
  }

  /// The gain over local training as a share of the local models' value: +0.2 means 20 % better.
  ///
  /// - Returns: `nil` if there is no gain, or if the interval of the local models' value is close to zero: a
  ///   ratio to such a value would be meaningless.
  public func relativeGainOverLocal(of arm: String) -> SummaryEstimate? {
    known(.init(quantity: .overLocalRelative, arm: arm)) ?? relativeGain(over: homeBlocks(of: arm))
  }

  /// The gain in generalisability as a share of the local models' value at other sites; `nil` as for
  /// ``relativeGainOverLocal(of:)``.
  public func relativeGeneralisabilityGain(of arm: String) -> SummaryEstimate? {
    known(.init(quantity: .generalisabilityRelative, arm: arm)) ?? relativeGain(over: abroadBlocks(of: arm))
  }

  /// The mean over sites of one arm, as a share of the mean of another arm.
  ///
  /// - Returns: `nil` if the mean of either arm is missing, or if the interval of the other arm's mean is
  ///   close to zero.
  public func share(of arm: String, to other: String) -> SummaryEstimate? {
    if let known = known(.init(quantity: .share, arm: arm, other: other)) { return known }
    let common = sites.filter { estimate(arm: arm, site: $0) != nil && estimate(arm: other, site: $0) != nil }
    let block = Comparison(
      new: common.compactMap { estimate(arm: arm, site: $0) },
      old: common.compactMap { estimate(arm: other, site: $0) })
    guard !common.isEmpty else { return nil }
    return ratio(of: [block]) { new, old in new / old }
  }

  var localRows: [Row] { rows.filter { $0.kind == .local && $0.site != nil } }

  // MARK: What is compared

  /// The results of an arm (`new`), and the results on the same patients with which they are compared
  /// (`old`).
  private struct Comparison {
    var new: [MetricEstimate]
    var old: [MetricEstimate]
  }

  /// For each site, the arm's result and the result of the site's own model.
  private func homeBlocks(of arm: String) -> [Comparison] {
    localRows.compactMap { local in
      guard let site = local.site, let own = self[local, site], let other = estimate(arm: arm, site: site)
      else { return nil }
      return Comparison(new: [other], old: [own])
    }
  }

  /// For each local model, its results at the other sites, and the arm's results there.
  private func abroadBlocks(of arm: String) -> [Comparison] {
    localRows.compactMap { local in
      let abroad = sites.filter {
        $0 != local.site && self[local, $0] != nil && estimate(arm: arm, site: $0) != nil
      }
      guard !abroad.isEmpty else { return nil }
      return Comparison(
        new: abroad.compactMap { estimate(arm: arm, site: $0) }, old: abroad.compactMap { self[local, $0] })
    }
  }

  // MARK: Arithmetic

  private func gain(over blocks: [Comparison]) -> SummaryEstimate? {
    summary(of: blocks) { new, old in higherIsBetter ? new - old : old - new }
  }

  private func relativeGain(over blocks: [Comparison]) -> SummaryEstimate? {
    ratio(of: blocks) { new, old in higherIsBetter ? new / old - 1 : 1 - new / old }
  }

  private func ratio(of blocks: [Comparison], _ function: @escaping (Double, Double) -> Double)
    -> SummaryEstimate?
  {
    guard denominator(of: blocks)?.isAwayFromZero == true else { return nil }
    return summary(of: blocks) { new, old in old == 0 ? nil : function(new, old) }
  }

  /// The mean of the results with which the arm is compared. Each comparison has equal weight.
  private func denominator(of blocks: [Comparison]) -> SummaryEstimate? {
    guard !blocks.isEmpty else { return nil }
    return SummaryEstimate(of: blocks.flatMap(\.old), confidence: confidence) { values in
      var (sum, start) = (0.0, 0)
      for block in blocks {
        sum += Self.mean(Array(values[start..<(start + block.old.count)]))
        start += block.old.count
      }
      return sum / Double(blocks.count)
    }
  }

  /// Applies a function to two means: that of the arm's results (`new`) and that of the results with which
  /// they are compared (`old`). Each comparison has equal weight.
  private func summary(of blocks: [Comparison], _ function: (_ new: Double, _ old: Double) -> Double?)
    -> SummaryEstimate?
  {
    guard !blocks.isEmpty else { return nil }
    let pairs = blocks.flatMap { Array(zip($0.new, $0.old)) }
    return SummaryEstimate(
      of: blocks.flatMap { $0.new + $0.old }, pairs: pairs, confidence: confidence
    ) { values in
      var (new, old, start) = (0.0, 0.0, 0)
      for block in blocks {
        let count = block.new.count
        new += Self.mean(Array(values[start..<(start + count)]))
        old += Self.mean(Array(values[(start + count)..<(start + 2 * count)]))
        start += 2 * count
      }
      return function(new / Double(blocks.count), old / Double(blocks.count))
    }
  }
}
