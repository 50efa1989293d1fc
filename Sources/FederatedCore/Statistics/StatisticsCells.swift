/// Cells of patients: which bins or classes are counted together, and how many patients are in each cell.
///
/// Every patient of the site is in exactly one cell, so the counts add up to the site's patients.
public struct StatisticsCells: Sendable, Codable, Equatable {
  /// The cell of each bin or class. One more entry at the end is the cell of the patients without a value, if
  /// the study lets patients lack one.
  public var cellOfBin: [Int]
  /// The patients of each cell.
  public var patients: [Int]

  public init(cellOfBin: [Int], patients: [Int]) {
    self.cellOfBin = cellOfBin
    self.patients = patients
  }

  /// The bins of a cell, in order.
  public func bins(of cell: Int) -> [Int] { cellOfBin.indices.filter { cellOfBin[$0] == cell } }

  /// The patients in a bin or class, if it is a cell of its own.
  public func patients(inBin bin: Int) -> Int? {
    guard cellOfBin.indices.contains(bin), cellOfBin.count(where: { $0 == cellOfBin[bin] }) == 1 else {
      return nil
    }
    return patients[cellOfBin[bin]]
  }

  /// Whether this is how `bins` bins can be counted: each has a cell, and each cell a bin.
  public func fits(bins: Int) -> Bool {
    (cellOfBin.count == bins || cellOfBin.count == bins + 1)
      && Set(cellOfBin) == Set(patients.indices) && patients.allSatisfy { $0 >= 0 }
  }
}
