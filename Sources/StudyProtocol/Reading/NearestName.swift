/// Finds the valid name that a mistyped name most likely stands for.
package enum NearestName {
  /// The sentence ` Did you mean 'x'?`, or an empty text if no name is similar.
  package static func hint(for name: String, among names: [String]) -> String {
    let near = names.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
      .filter { $0.distance <= max(1, max(name.count, $0.name.count) / 3) }
      .min { $0.distance < $1.distance }
    return near.map { " Did you mean '\($0.name)'?" } ?? ""
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the
  /// other (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var previous: [Int] = []
    var current = Array(0...b.count)
    for i in 1...a.count {
      var next = [i]
      for j in 1...b.count {
        var best = min(current[j] + 1, next[j - 1] + 1, current[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, previous[j - 2] + 1) }
        next.append(best)
      }
      (previous, current) = (current, next)
    }
    return current[b.count]
  }
}
