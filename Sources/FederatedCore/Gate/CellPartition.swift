/// A site's patients, divided into cells. Cells are joined until each may be released.
struct CellPartition {
  /// The bins of each cell, in ascending order. The index after the last bin stands for patients without a
  /// value.
  private(set) var bins: [[Int]]
  /// The cell of each patient.
  private(set) var cellOfPatient: [Int]
  /// The number of patients in each cell.
  private(set) var patients: [Int]
  /// The bin of the patients without a value; `nil` if every patient must have a value.
  let missing: Int?
  let isOrdered: Bool

  /// Creates the finest division in which every cell has at least the minimum number of patients.
  ///
  /// - Returns: `nil` if all patients together are fewer than the minimum.
  init?(_ item: PatientMeasurements.Item, minimum: Int) {
    guard item.bins > 0, item.places.count >= max(1, minimum) else { return nil }
    let lacks = item.canLack || item.places.contains { !(0..<item.bins).contains($0) }
    missing = lacks ? item.bins : nil
    isOrdered = item.isOrdered
    let places = item.places.map { (0..<item.bins).contains($0) ? $0 : item.bins }
    var counts = [Int](repeating: 0, count: item.bins + (lacks ? 1 : 0))
    for place in places { counts[place] += 1 }
    bins =
      isOrdered
      ? Self.neighbours(counts, missing: missing, minimum: minimum)
      : Self.groups(counts, minimum: minimum)
    var cellOfBin = [Int](repeating: 0, count: counts.count)
    for (cell, own) in bins.enumerated() { for bin in own { cellOfBin[bin] = cell } }
    cellOfPatient = places.map { cellOfBin[$0] }
    patients = bins.map { $0.reduce(0) { $0 + counts[$1] } }
  }

  /// Creates a division from the cell of each patient.
  init(cells: [Int], count: Int) {
    bins = (0..<count).map { [$0] }
    cellOfPatient = cells
    patients = cells.reduce(into: [Int](repeating: 0, count: count)) { $0[$1] += 1 }
    missing = nil
    isOrdered = false
  }

  var released: StatisticsCells {
    var cellOfBin = [Int](repeating: 0, count: bins.reduce(0) { $0 + $1.count })
    for (cell, own) in bins.enumerated() { for bin in own { cellOfBin[bin] = cell } }
    return StatisticsCells(cellOfBin: cellOfBin, patients: patients)
  }

  /// Whether the cells state the number of patients without a value: either these patients have a separate
  /// cell, or every patient must have a value.
  var tellsMissing: Bool { missing.map { bins.contains([$0]) } ?? true }

  /// Joins bins from low to high until each cell has enough patients. The remaining bins at the high end join
  /// the last cell.
  private static func neighbours(_ counts: [Int], missing: Int?, minimum: Int) -> [[Int]] {
    var cells: [[Int]] = []
    var totals: [Int] = []
    var open: [Int] = []
    var total = 0
    for bin in counts.indices where bin != missing {
      open.append(bin)
      total += counts[bin]
      guard total >= max(1, minimum) else { continue }
      cells.append(open)
      totals.append(total)
      (open, total) = ([], 0)
    }
    if cells.isEmpty { return [Array(counts.indices)] }
    cells[cells.count - 1] += open
    totals[totals.count - 1] += total
    guard let missing else { return cells }
    if counts[missing] >= max(1, minimum) { return cells + [[missing]] }
    // Add the few patients without a value to the largest cell, where they make the smallest difference.
    let largest = totals.indices.max { totals[$0] < totals[$1] } ?? 0
    cells[largest].append(missing)
    return cells
  }

  /// Gives each class its own cell, except that all classes with too few patients share a cell. If the shared
  /// cell still has too few, the smallest of the other classes join it.
  private static func groups(_ counts: [Int], minimum: Int) -> [[Int]] {
    let byCount = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    var joined = byCount.filter { counts[$0] < max(1, minimum) }
    var single = Array(byCount.dropFirst(joined.count))
    while !joined.isEmpty, joined.reduce(0, { $0 + counts[$1] }) < minimum, !single.isEmpty {
      joined.append(single.removeFirst())
    }
    let cells = single.map { [$0] } + (joined.isEmpty ? [] : [joined.sorted()])
    return cells.sorted { $0[0] < $1[0] }
  }

  /// Joins a cell inside a union of cells with a cell outside it, so that the counts no longer reveal the
  /// count of the union.
  ///
  /// If the bins are ordered, prefers two neighbouring cells. Of several pairs, joins the pair with the
  /// fewest patients.
  ///
  /// - Parameter inside: Whether each cell belongs to the union.
  mutating func join(across inside: [Bool]) {
    let cells = bins.indices
    let pairs = cells.flatMap { one in
      cells.filter { $0 > one && inside[$0] != inside[one] }.map { (one, $0) }
    }
    let close = isOrdered ? pairs.filter { isNeighbour($0.0, $0.1) } : pairs
    let least = (close.isEmpty ? pairs : close).min { cost($0) < cost($1) }
    if let (one, other) = least { join(one, other) }
  }

  private func cost(_ pair: (Int, Int)) -> (Int, Int, Int) {
    (patients[pair.0] + patients[pair.1], pair.0, pair.1)
  }

  private func isNeighbour(_ one: Int, _ other: Int) -> Bool {
    func ends(_ cell: Int) -> (Int, Int)? {
      let own = bins[cell].filter { $0 != missing }
      return own.first.flatMap { first in own.last.map { (first, $0) } }
    }
    guard let (low, high) = ends(one), let (otherLow, otherHigh) = ends(other) else { return false }
    return high + 1 == otherLow || otherHigh + 1 == low
  }

  private mutating func join(_ one: Int, _ other: Int) {
    bins[one] = (bins[one] + bins[other]).sorted()
    patients[one] += patients[other]
    bins.remove(at: other)
    patients.remove(at: other)
    for index in cellOfPatient.indices {
      if cellOfPatient[index] == other {
        cellOfPatient[index] = one
      } else if cellOfPatient[index] > other {
        cellOfPatient[index] -= 1
      }
    }
  }
}
