/// A table of aligned text for a terminal: each row has a label and right-aligned cells.
struct TextGrid {
  private let corner: String
  private let columns: [String]
  private let rows: [(label: String, cells: [String])]

  init(corner: String, columns: [String], rows: [(label: String, cells: [String])]) {
    self.corner = corner
    self.columns = columns
    self.rows = rows
  }

  var width: Int { labelWidth + columns.indices.reduce(0) { $0 + 2 + columnWidth($1) } }

  var lines: [String] {
    ([(corner, columns)] + rows).map { label, cells in
      let texts = cells.enumerated().map { index, cell in
        let room = columnWidth(index)
        return "  " + String(repeating: " ", count: room - cell.count) + cell
      }
      let line = label + String(repeating: " ", count: labelWidth - label.count) + texts.joined()
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Splits the table into narrower tables that fit the width, each with at least one of the columns.
  func fitted(to limit: Int) -> [TextGrid] {
    var parts: [Range<Int>] = []
    var (start, used) = (0, labelWidth)
    for index in columns.indices {
      if index > start, used + 2 + columnWidth(index) > limit {
        parts.append(start..<index)
        (start, used) = (index, labelWidth)
      }
      used += 2 + columnWidth(index)
    }
    parts.append(start..<columns.count)
    return parts.map { part in
      TextGrid(
        corner: corner, columns: Array(columns[part]), rows: rows.map { ($0.label, Array($0.cells[part])) })
    }
  }

  private var labelWidth: Int { max(corner.count, rows.map(\.label.count).max() ?? 0) }

  private func columnWidth(_ index: Int) -> Int {
    max(columns[index].count, rows.map { $0.cells[index].count }.max() ?? 0)
  }
}
