/// Divisions of the same patients whose counts leave together.
///
/// Each cell of a division has no patient or at least the minimum, and no subtraction between unions of cells
/// of two divisions reveals fewer.
struct DisjointCells {
  private let all: Set<UInt64>
  private let members: [UInt64]
  private let minimum: Int
  private var divisions: [CellPartition] = []

  init(of patients: PatientSet, minimum: Int) {
    all = patients.members
    members = patients.members.sorted()
    self.minimum = minimum
  }

  /// Adds a division, unless its counts would reveal too few patients.
  ///
  /// - Parameter cells: Sets without common patients. The patients in none of them form a further cell.
  mutating func admit(_ cells: [PatientSet]) -> Bool {
    guard let division = division(cells), conflict(of: division) == nil else { return false }
    divisions.append(division)
    return true
  }

  /// Adds a division, after joining neighbouring cells until its counts reveal nobody.
  ///
  /// - Parameters:
  ///   - bins: The cells of each bin, in order. Bins are joined with all their cells.
  ///   - join: Called with the index of a bin that was joined with the next one.
  /// - Returns: `false` if even one bin of all patients would reveal too few.
  mutating func admit(_ bins: [[PatientSet]], join: (Int) -> Void) -> Bool {
    var bins = bins
    while true {
      guard let division = division(bins.flatMap(\.self)) else { return false }
      guard let union = conflict(of: division) else {
        divisions.append(division)
        return true
      }
      guard let place = Self.boundary(of: union, bins) else { return false }
      bins[place] = zip(bins[place], bins[place + 1]).map { $0.union($1) }
      bins.remove(at: place + 1)
      join(place)
    }
  }

  /// The pair of neighbouring bins to join: one has a cell within the union, the other the same cell outside
  /// it. Of several pairs, the one with the fewest patients.
  private static func boundary(of union: [Bool], _ bins: [[PatientSet]]) -> Int? {
    guard bins.count > 1, let width = bins.first?.count else { return nil }
    let places = bins.indices.dropLast()
    let crossed = places.filter { place in
      (0..<width).contains { union[place * width + $0] != union[(place + 1) * width + $0] }
    }
    func patients(_ place: Int) -> Int { (bins[place] + bins[place + 1]).reduce(0) { $0 + $1.count } }
    return (crossed.isEmpty ? Array(places) : crossed).min { (patients($0), $0) < (patients($1), $1) }
  }

  /// The cells of a union that differs from a union of another division by too few patients; `nil` if there
  /// is none.
  private func conflict(of division: CellPartition) -> [Bool]? {
    for earlier in divisions {
      var search = NestedDifference(outer: division, inner: earlier, minimum: minimum)
      if let union = search.find() { return union }
    }
    return nil
  }

  /// - Returns: `nil` if a cell has too few patients, or if two cells share one.
  private func division(_ cells: [PatientSet]) -> CellPartition? {
    var cellOfMember: [UInt64: Int] = [:]
    for (index, cell) in cells.enumerated() {
      for member in cell.members where cellOfMember.updateValue(index, forKey: member) != nil { return nil }
    }
    guard cells.allSatisfy({ $0.members.isSubset(of: all) }) else { return nil }
    let places = members.map { cellOfMember[$0] ?? cells.count }
    let division = CellPartition(cells: places, count: cells.count + 1)
    return division.patients.allSatisfy { $0 == 0 || $0 >= minimum } ? division : nil
  }
}
