/// Cells of patients: which bins or classes are counted together, and the number of patients in each cell.
///
/// Every patient of the site is in exactly one cell, so the counts add up to the number of patients.
public struct StatisticsCells: Sendable, Codable, Equatable {
  /// The cell of each bin or class. If the study permits patients without a value, a further entry at the end
  /// states their cell.
  public var cellOfBin: [Int]
  /// The number of patients in each cell.
  public var patients: [Int]

  public init(cellOfBin: [Int], patients: [Int]) {
    self.cellOfBin = cellOfBin
    self.patients = patients
  }

  /// The bins of a cell, in order.
  public func bins(of cell: Int) -> [Int] { cellOfBin.indices.filter { cellOfBin[$0] == cell } }

  /// The number of patients in a bin or class; `nil` if other bins or classes share its cell.
  public func patients(inBin bin: Int) -> Int? {
    guard cellOfBin.indices.contains(bin), cellOfBin.count(where: { $0 == cellOfBin[bin] }) == 1 else {
      return nil
    }
    return patients[cellOfBin[bin]]
  }

  /// Whether the cells are valid for `bins` bins: each bin has a cell, and each cell has a bin.
  public func fits(bins: Int) -> Bool {
    (cellOfBin.count == bins || cellOfBin.count == bins + 1)
      && Set(cellOfBin) == Set(patients.indices) && patients.allSatisfy { $0 >= 0 }
  }
}
