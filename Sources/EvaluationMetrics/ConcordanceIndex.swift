/// Harrell's C: the share of comparable pairs in which the patient with the earlier event had the higher risk
/// (Harrell et al. 1982).
///
/// A pair of patients with different times is comparable if the patient with the earlier time had the event.
/// A pair with equal times is comparable if exactly one of the two had the event; this patient counts as the
/// earlier one. A pair with equal risks counts as one half. Agrees with lifelines' `concordance_index`.
public struct ConcordanceIndex: ResampledMetric {
  /// Examples by descending time; at equal times, censored examples come first.
  private let order: [Int]
  /// Whether each element of `order` ends its group. Examples with the same time and the same event flag form
  /// a group.
  private let endsGroup: [Bool]
  /// The rank of each example's risk; equal risks share a rank.
  private let ranks: [Int]
  private let rankCount: Int
  private let events: [Bool]

  public init(_ scores: SurvivalScores) {
    let (times, events, risks) = (scores.times, scores.events, scores.risks)
    self.events = events
    let sorted = times.indices.sorted { left, right in
      if times[left] != times[right] { return times[left] > times[right] }
      return events[left] != events[right] ? events[right] : left < right
    }
    order = sorted
    endsGroup = sorted.indices.map { index in
      guard index + 1 < sorted.count else { return true }
      let (this, next) = (sorted[index], sorted[index + 1])
      return times[this] != times[next] || events[this] != events[next]
    }
    var ranks = [Int](repeating: 0, count: risks.count)
    var (rank, previous) = (-1, Double.nan)
    for example in risks.indices.sorted(by: { risks[$0] < risks[$1] }) {
      if risks[example] != previous { rank += 1 }
      previous = risks[example]
      ranks[example] = rank
    }
    self.ranks = ranks
    rankCount = rank + 1
  }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? {
    // `later` counts the examples that outlived the events of the current group, or were censored at the same
    // time.
    var later = PrefixCounts(count: rankCount)
    var (twiceConcordant, comparable, groupStart) = (0, 0, 0)
    for index in order.indices where endsGroup[index] {
      let group = order[groupStart...index]
      groupStart = index + 1
      for example in group where events[example] && weights[example] > 0 {
        let weight = Int(weights[example])
        let below = later.sum(below: ranks[example])
        let upTo = later.sum(below: ranks[example] + 1)
        twiceConcordant += weight * (below + upTo)
        comparable += weight * later.total
      }
      for example in group { later.add(Int(weights[example]), at: ranks[example]) }
    }
    return comparable == 0 ? nil : Double(twiceConcordant) / (2 * Double(comparable))
  }
}

/// A table of counts by rank that computes prefix sums in logarithmic time (Fenwick 1994).
struct PrefixCounts {
  private var tree: [Int]
  private(set) var total = 0

  init(count: Int) { tree = .init(repeating: 0, count: count + 1) }

  mutating func add(_ value: Int, at index: Int) {
    total += value
    var node = index + 1
    while node < tree.count {
      tree[node] += value
      node += node & -node
    }
  }

  func sum(below index: Int) -> Int {
    var (sum, node) = (0, index)
    while node > 0 {
      sum += tree[node]
      node -= node & -node
    }
    return sum
  }
}
