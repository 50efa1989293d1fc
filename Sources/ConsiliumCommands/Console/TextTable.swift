/// Rows of text in columns.
enum TextTable {
  /// Columns as wide as their widest cell, two spaces between.
  ///
  /// - Precondition: every row has as many cells as the first.
  static func align(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let line = zip(row, widths).map { $0.rightPadded(to: $1) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
