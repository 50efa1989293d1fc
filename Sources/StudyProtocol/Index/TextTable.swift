import FederatedCore

/// A table of texts with named columns and the line number of each row.
struct TextTable {
  /// A warning for the site about its table.
  struct Note: Equatable {
    var message: String
    /// The number of rows concerned; 0 if the warning is not about rows.
    var rows = 0
    /// The places of the first few rows concerned.
    var places: [String] = []
  }

  /// The file's name relative to the data root, for messages.
  var file: String
  var columns: [String]
  var rows: [[String]]
  /// The number of each row in messages: its line in the file, or its position if the rows are not lines of a
  /// file.
  var lines: [Int]
  var notes: [Note] = []
  /// For each column, the lines whose cells had invisible characters.
  var cleanedLines: [String: [Int]] = [:]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no such column.
  func index(of column: String) throws(ConsiliumError) -> Int {
    let wanted = CellText(column).text
    guard let index = columns.firstIndex(of: column) ?? columns.firstIndex(of: wanted) else {
      if hasDataForNames {
        throw ConsiliumError(
          .invalidInput,
          "\(file) has no column '\(column)'; its first line seems to contain data, not the names of columns. Add a line of "
            + "names, or name the columns in the site file: `columns: [...]`")
      }
      throw ConsiliumError(
        .invalidInput,
        "\(file) has no column '\(column)'; it has \(columns.joined(separator: ", ")).\(NearestName.hint(for: column, among: columns))"
      )
    }
    return index
  }

  /// Whether the first line looks like a patient's row, which no message may show. True if it contains a
  /// number, a date, or a text that another line has in the same column.
  var hasDataForNames: Bool {
    columns.enumerated().contains { index, name in
      guard !name.isEmpty else { return false }
      return YAMLReader.decimal(name) != nil || DateFormat.isLikely(name)
        || rows.contains { index < $0.count && $0[index] == name }
    }
  }

  /// The sentence ` Did you mean 'x'?`, or an empty text if no column has a similar name.
  func hint(for column: String) -> String {
    hasDataForNames ? "" : NearestName.hint(for: column, among: columns.filter { !$0.isEmpty })
  }

  func place(of row: Int) -> String { "\(file):\(lines[row])" }

  /// The places of the first few of these lines, for messages.
  func places(ofLines lines: [Int]) -> [String] {
    lines.prefix(FindingLog.placeCount).map { "\(file):\($0)" }
  }

  /// Adds a column computed from each row.
  mutating func append(column: String, _ value: ([String]) -> String) throws(ConsiliumError) {
    guard !columns.contains(column) else {
      throw ConsiliumError(
        .invalidInput, "\(file) already has a column '\(column)'; derive one with another name")
    }
    columns.append(column)
    for row in rows.indices { rows[row].append(value(rows[row])) }
  }

  /// Keeps the rows for which `isKept` returns `true`.
  mutating func filter(_ isKept: ([String]) -> Bool) {
    let kept = rows.indices.filter { isKept(rows[$0]) }
    (rows, lines) = (kept.map { rows[$0] }, kept.map { lines[$0] })
  }
}

/// A set of codes in which different spellings of a number are equal, such as `1`, `1.0` and `01`.
struct CodeSet {
  private let codes: Set<String>

  init(_ codes: [String]) { self.codes = Set(codes + codes.map(Self.normalised)) }

  func contains(_ text: String) -> Bool {
    !codes.isEmpty && (codes.contains(text) || codes.contains(Self.normalised(text)))
  }

  /// The shortest text for the whole number in `text`. Returns all other texts unchanged.
  static func normalised(_ text: String) -> String {
    guard let number = YAMLReader.decimal(text), number.rounded() == number, abs(number) < 1e15 else {
      return text
    }
    return String(Int(number))
  }
}
