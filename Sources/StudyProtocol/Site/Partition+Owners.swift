import FederatedCore
import Foundation

extension Partition {
  /// The index of the site that receives each group.
  func owners(of records: [Record]) -> [String: Int] {
    let salt = RandomStream.seed(study: seed, purpose: .partition)
    var classes: [String: Int] = [:]
    for record in records where classes[record.group] == nil {
      if let label, case .category(let index) = record[label] {
        classes[record.group] = index
      } else {
        classes[record.group] = -1
      }
    }
    let ranked = classes.keys.map { (rank: HashCut.hash($0, salt: salt), name: $0) }
      .sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }.map(\.name)
    switch method {
    case .iid:
      return Dictionary(uniqueKeysWithValues: ranked.enumerated().map { ($0.element, $0.offset % count) })
    case .dirichlet:
      var owners: [String: Int] = [:]
      for (index, groups) in Dictionary(grouping: ranked, by: { classes[$0] ?? -1 }) {
        let bounds = cumulativeShares(ofClass: index)
        for (rank, group) in groups.enumerated() {
          let position = (Double(rank) + 0.5) / Double(groups.count)
          owners[group] = bounds.firstIndex { position < $0 } ?? count - 1
        }
      }
      return owners
    }
  }

  /// The sites' random shares of a class, as cumulative sums that end at 1. The shares follow the symmetric
  /// Dirichlet distribution: they are gamma variates divided by their sum.
  private func cumulativeShares(ofClass index: Int) -> [Double] {
    var stream = RandomStream(seed: RandomStream.seed(study: seed, purpose: .partition, item: index))
    let draws = (0..<count).map { _ in Self.gamma(shape: alpha ?? 1, &stream) }
    let sum = draws.reduce(0, +)
    var running = 0.0
    return draws.map { draw in
      running += sum > 0 ? draw / sum : 1 / Double(count)
      return running
    }
  }

  /// Returns a random number from the gamma distribution of scale 1 (Marsaglia and Tsang 2000).
  static func gamma(shape: Double, _ stream: inout RandomStream) -> Double {
    if shape < 1 { return gamma(shape: shape + 1, &stream) * pow(1 - stream.nextUnit(), 1 / shape) }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = (-2 * log(1 - stream.nextUnit())).squareRoot() * cos(2 * .pi * stream.nextUnit())
      let v = pow(1 + c * normal, 3)
      if v > 0, log(1 - stream.nextUnit()) < 0.5 * normal * normal + d - d * v + d * log(v) { return d * v }
    }
  }
}
