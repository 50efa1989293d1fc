import FederatedCore

/// Makes a table from a file's rows: finds the column names, removes what spreadsheets add, and notes what
/// was removed.
///
/// Skips columns without name and content, rows without content, repeated headers, and rows of totals at the
/// end.
struct TableTidying {
  private let file: String
  private let isHeaderless: Bool
  private var header: [String] = []
  private var rows: [[CellText]] = []
  private var lines: [Int] = []
  private var notes: [TextTable.Note] = []

  /// - Parameter columns: The names of the columns of a file without a header line.
  init(file: String, columns: [String]?, lines: CSVReader.Lines) {
    self.file = file
    isHeaderless = columns != nil
    var cells = lines.rows.map { $0.map(CellText.init) }
    var numbers = lines.numbers
    if let columns {
      header = columns.map { CellText($0).text }
    } else if let first = cells.firstIndex(where: { $0.contains { !$0.text.isEmpty } }) {
      let names = cells[first]
      header = names.map { Self.name($0.text) }
      let changed = names.count { $0.isChanged }
      if changed > 0 {
        notes.append(
          .init(
            message:
              "\(English.count(changed, "column name")) contained unusual blanks or invisible characters; they were removed"
          ))
      }
      cells.remove(at: first)
      numbers.remove(at: first)
    }
    rows = cells
    self.lines = numbers
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that names the line.
  func table() throws(ConsiliumError) -> TextTable {
    guard !header.isEmpty else { throw fault(1, "the table is empty") }
    var tidy = self
    tidy.dropEmptyRows()
    tidy.dropRepeatedHeaders()
    try tidy.dropEmptyColumns()
    try tidy.checkNames()
    try tidy.checkDelimiter()
    tidy.dropTotals()
    return tidy.result()
  }

  private func result() -> TextTable {
    var table = TextTable(
      file: file, columns: header, rows: rows.map { $0.map(\.text) }, lines: lines, notes: notes)
    for (row, line) in zip(rows, lines) {
      for (cell, column) in zip(row, header) where cell.isChanged {
        table.cleanedLines[column, default: []].append(line)
      }
    }
    return table
  }

  /// A column's name with single blanks.
  private static func name(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private mutating func drop(_ message: String, where isDropped: ([CellText]) -> Bool) {
    let dropped = rows.indices.filter { isDropped(rows[$0]) }
    guard !dropped.isEmpty else { return }
    note(message, rows: dropped)
    let gone = Set(dropped)
    let kept = rows.indices.filter { !gone.contains($0) }
    (rows, lines) = (kept.map { rows[$0] }, kept.map { lines[$0] })
  }

  private mutating func note(_ message: String, rows: [Int]) {
    let places = rows.prefix(FindingLog.placeCount).map { "\(file):\(lines[$0])" }
    notes.append(.init(message: message, rows: rows.count, places: places))
  }

  private mutating func dropEmptyRows() {
    drop("rows without content were skipped") { row in row.allSatisfy { $0.text.isEmpty } }
  }

  private mutating func dropRepeatedHeaders() {
    guard !isHeaderless else { return }
    let header = header
    drop("rows that repeat the names of the columns were skipped") { row in
      row.count == header.count && zip(row, header).allSatisfy { Self.name($0.text) == $1 }
    }
  }

  /// Cuts all rows to the named columns. Text beyond them is an error.
  private mutating func dropEmptyColumns() throws(ConsiliumError) {
    let width = header.count
    let named = (header.lastIndex { !$0.isEmpty } ?? -1) + 1
    guard named > 0 else {
      throw fault(1, "no column has a name; the first line must contain the names")
    }
    var surplus = width - named
    for (row, line) in zip(rows, lines) {
      if row.count < named || (row.count > width && row[width...].contains { !$0.text.isEmpty }) {
        throw fault(line, Self.raggedness(expected: width, found: row.count))
      }
      if let index = row.indices.dropFirst(named).first(where: { !row[$0].text.isEmpty }) {
        throw fault(
          line,
          "there is text in column \(index + 1), which has no name; expected the names of all columns in the first line, "
            + "and quotes around a text that contains a delimiter")
      }
      surplus = max(surplus, row.count - named)
    }
    noteUnnamedColumns(before: named)
    guard surplus > 0 else { return }
    notes.append(
      .init(
        message:
          "\(English.count(surplus, "column")) without name and content \(surplus == 1 ? "was" : "were") skipped"
      ))
    header = Array(header[..<named])
    rows = rows.map { Array($0[..<named]) }
  }

  /// Adds a note about unnamed columns between named columns if they contain text, since nothing can refer to
  /// such columns.
  private mutating func noteUnnamedColumns(before end: Int) {
    for column in 0..<end where header[column].isEmpty {
      let filled = rows.indices.filter { !rows[$0][column].text.isEmpty }
      guard !filled.isEmpty else { continue }
      note(
        "column \(column + 1) has no name, so its text was skipped; name it in the first line if the study needs it",
        rows: filled)
    }
  }

  private static func raggedness(expected: Int, found: Int) -> String {
    let advice =
      expected == 1 ? "; if there is a title above the names of the columns, delete it" : ""
    return "expected \(English.count(expected, "field")), one per column, found \(found)\(advice)"
  }

  /// Refuses a table that was read as a single column although a different delimiter separates its fields.
  private func checkDelimiter() throws(ConsiliumError) {
    guard !isHeaderless, header.count == 1, let name = header.first, !rows.isEmpty,
      let mark = [",", ";", "\t", "|"].first(where: { mark in
        name.contains(mark) && rows.allSatisfy { $0[0].text.contains(mark) }
      })
    else { return }
    throw fault(
      lines.first.map { max(1, $0 - 1) } ?? 1,
      "the table is read as one column, although \(mark == "\t" ? "a tab" : "'\(mark)'") separates its fields; correct `delimiter` in the site file, or "
        + "the line `sep=` of the table")
  }

  private func checkNames() throws(ConsiliumError) {
    // Without a header line, the first row may be a patient's, so the message must not repeat it.
    if !isHeaderless, 2 * header.count(where: { YAMLReader.decimal($0) != nil }) >= header.count {
      throw fault(
        1,
        "the first line contains numbers, not names; name the columns in the site file: `columns: [...]`"
      )
    }
    for (index, name) in header.enumerated() where !name.isEmpty {
      guard let other = header[..<index].firstIndex(of: name) else { continue }
      // If the first line is data, do not show it.
      let shown = isLikelyData ? "have the same name" : "are both called '\(name)'"
      throw fault(1, "columns \(other + 1) and \(index + 1) \(shown); give each column a different name")
    }
  }

  /// Drops rows of totals below the data. Only the last rows are checked, by their first cell.
  private mutating func dropTotals() {
    func isTotal(_ row: [CellText]) -> Bool {
      guard let first = row.first(where: { !$0.text.isEmpty })?.text.lowercased() else {
        return false
      }
      return Self.totals.contains(first.trimmingSuffix { $0 == ":" || $0 == "." })
    }
    let count = rows.reversed().prefix(while: isTotal).count
    guard header.count > 1, (1...3).contains(count), count < rows.count,
      !rows.dropLast(count).contains(where: isTotal)
    else { return }
    note("rows of totals at the end were skipped", rows: Array(rows.indices.suffix(count)))
    rows.removeLast(count)
    lines.removeLast(count)
  }

  private static let totals: Set<String> = [
    "total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "somme",
    "suma",
    "totale", "mean", "average", "mittelwert", "moyenne", "promedio", "media",
  ]

  private var isLikelyData: Bool {
    TextTable(file: file, columns: header, rows: rows.map { $0.map(\.text) }, lines: lines)
      .hasDataForNames
  }

  private func fault(_ line: Int, _ message: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "\(file):\(line): \(message)")
  }
}

extension String {
  fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, condition(last) { text.removeLast() }
    return String(text)
  }
}
