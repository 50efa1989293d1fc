/// Compares the counts of two divisions of the same patients. Finds differences of counts that would reveal a
/// group of too few patients.
///
/// Anyone who knows the counts of a division can compute the count of every union of its cells. If a union of
/// one division's cells lies within a union of the other division's cells, the difference of their counts is
/// the number of patients in between. The search is exact: it finds such a pair of unions whenever a pair
/// exists.
///
/// The search computes minimum cuts in a graph whose nodes are the cells of both divisions (Picard, "Maximal
/// closure of a graph", 1976). A pair of unions is a closed set of nodes: an inner cell in the set requires
/// every outer cell with which it shares patients. The capacity of the cut around the set is the number of
/// patients in between.
struct NestedDifference {
  private let minimum: Int
  private let outerCount: Int
  private let innerCount: Int
  /// The number of patients in each pair of cells: outer cell × inner cell.
  private var overlap: [Int]
  /// The flow from each outer to each inner cell, in patients.
  private var flow: [Int]
  private var touched: [Int] = []
  private let innerOf: [[Int]]
  private let outerOf: [[Int]]

  init(outer: CellPartition, inner: CellPartition, minimum: Int) {
    self.minimum = minimum
    outerCount = outer.bins.count
    innerCount = inner.bins.count
    var overlap = [Int](repeating: 0, count: outerCount * innerCount)
    for (row, column) in zip(outer.cellOfPatient, inner.cellOfPatient) {
      overlap[row * innerCount + column] += 1
    }
    self.overlap = overlap
    flow = [Int](repeating: 0, count: overlap.count)
    let (rows, columns) = (outerCount, innerCount)
    innerOf = (0..<rows).map { row in (0..<columns).filter { overlap[row * columns + $0] > 0 } }
    outerOf = (0..<columns).map { column in (0..<rows).filter { overlap[$0 * columns + column] > 0 } }
  }

  /// Searches for a union of outer cells that differs from a union of inner cells within it by at least one
  /// patient, but by fewer patients than the minimum. Returns the outer cells of that union, or `nil` if
  /// there is none.
  mutating func find() -> [Bool]? {
    guard outerCount > 1, innerCount > 1 else { return nil }
    for row in 0..<outerCount {
      for column in innerOf[row] where overlap[row * innerCount + column] < minimum {
        if let union = cut(from: row, to: column) { return union }
      }
    }
    return nil
  }

  /// Finds the pair of unions with the fewest patients in between, among the pairs whose outer union contains
  /// the outer cell `row` and whose inner union lacks the inner cell `column`.
  ///
  /// - Returns: The outer union; `nil` if at least the minimum number of patients lie in between.
  private mutating func cut(from row: Int, to column: Int) -> [Bool]? {
    for edge in touched { flow[edge] = 0 }
    touched = []
    var total = 0
    while true {
      var search = Search(outer: outerCount, inner: innerCount)
      guard let added = augment(from: row, to: column, &search) else { return search.reachedOuter }
      total += added
      if total >= minimum { return nil }
    }
  }

  private struct Search {
    var reachedOuter: [Bool]
    /// For each outer cell on the path, the inner cell before it.
    var beforeOuter: [Int]
    var beforeInner: [Int]

    init(outer: Int, inner: Int) {
      reachedOuter = [Bool](repeating: false, count: outer)
      beforeOuter = [Int](repeating: -1, count: outer)
      beforeInner = [Int](repeating: -1, count: inner)
    }
  }

  /// Sends more flow along the shortest path. Returns `nil` if there is no path.
  private mutating func augment(from row: Int, to column: Int, _ search: inout Search) -> Int? {
    var queue = [row]
    search.reachedOuter[row] = true
    var next = 0
    while next < queue.count {
      let outer = queue[next]
      next += 1
      for inner in innerOf[outer] where search.beforeInner[inner] < 0 {
        guard overlap[outer * innerCount + inner] > flow[outer * innerCount + inner] else { continue }
        search.beforeInner[inner] = outer
        if inner == column { return push(from: row, to: column, search) }
        for other in outerOf[inner] where !search.reachedOuter[other] {
          search.reachedOuter[other] = true
          search.beforeOuter[other] = inner
          queue.append(other)
        }
      }
    }
    return nil
  }

  private mutating func push(from row: Int, to column: Int, _ search: Search) -> Int {
    var path: [(edge: Int, isForward: Bool)] = []
    var inner = column
    while true {
      let outer = search.beforeInner[inner]
      path.append((outer * innerCount + inner, true))
      guard outer != row else { break }
      inner = search.beforeOuter[outer]
      path.append((outer * innerCount + inner, false))
    }
    let added = path.filter(\.isForward).map { overlap[$0.edge] - flow[$0.edge] }.min() ?? 0
    for step in path {
      flow[step.edge] += step.isForward ? added : -added
      touched.append(step.edge)
    }
    return added
  }
}
