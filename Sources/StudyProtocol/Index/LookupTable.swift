import FederatedCore

/// A lookup table for a column of a site's main table.
struct LookupTable {
  private let file: String
  private var entries: [String: String] = [:]
  /// The number of keys that are similar to a key with a different value.
  private let ambiguous: Int

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the table cannot be read or a key has two
  ///   values.
  init(_ lookup: SiteTable.Lookup, folder: DataFolder, encoding: TableEncoding?) throws {
    let table = try CSVReader.table(
      try folder.contents(of: lookup.file), file: folder.shown(lookup.file),
      encoding: lookup.encoding ?? encoding)
    file = table.file
    let (key, value) = (try table.index(of: lookup.key), try table.index(of: lookup.value))
    var lines: [String: Int] = [:]
    for (row, line) in zip(table.rows, table.lines) where !row[key].isEmpty {
      if let known = entries[row[key]], known != row[value] {
        throw ConsiliumError(
          .invalidInput,
          "\(file):\(line): this line's '\(lookup.key)' already occurs in line \(lines[row[key]] ?? 0), with a different "
            + "'\(lookup.value)'; expected each key once")
      }
      if entries.updateValue(row[value], forKey: row[key]) == nil { lines[row[key]] = line }
    }
    ambiguous = Dictionary(grouping: entries) { AlikeNames.key($0.key) }.values
      .filter { Set($0.map(\.value)).count > 1 }.reduce(0) { $0 + $1.count }
  }

  subscript(key: String) -> String? { entries[key] }

  /// Warnings for the site about the looked-up texts.
  func notes(for texts: [String], column: String) -> [TextTable.Note] {
    var notes: [TextTable.Note] = []
    if ambiguous > 0 {
      notes.append(
        .init(
          message:
            "\(ambiguous) keys of \(file) differ from another one only in case, blanks or leading zeros, and have "
            + "a different value; each is used as written"))
    }
    let missing = texts.filter { !$0.isEmpty && entries[$0] == nil }
    let keys = Set(entries.keys.map(AlikeNames.key))
    let near = missing.count { keys.contains(AlikeNames.key($0)) }
    if near > 0 {
      notes.append(
        .init(
          message:
            "rows have no entry in \(file), although their '\(column)' differs from a key only in case, blanks or leading "
            + "zeros; write both the same way", rows: near))
    } else if !missing.isEmpty, missing.count == texts.count {
      notes.append(.init(message: "no '\(column)' has an entry in \(file)", rows: missing.count))
    }
    return notes
  }
}
