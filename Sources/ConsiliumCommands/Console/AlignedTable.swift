import FederatedCore

/// Aligns rows of text in columns.
enum AlignedTable {
  /// Aligns rows in columns as wide as their widest cells, separated by two spaces.
  ///
  /// - Precondition: All rows have the same number of cells.
  static func align(_ rows: [[String]]) -> String {
    let rows = rows.map { $0.map(\.onOneLine) }
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let line = zip(row, widths).map { $0.rightPadded(to: $1) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
