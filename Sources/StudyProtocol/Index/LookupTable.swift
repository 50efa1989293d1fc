import FederatedCore

/// A lookup table for the column of another table.
struct LookupTable {
  private let file: String
  private var entries: [String: String] = [:]

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
          "\(file):\(line): this line's '\(lookup.key)' is in line \(lines[row[key]] ?? 0) already, with another "
            + "'\(lookup.value)'; expected each key once")
      }
      if entries.updateValue(row[value], forKey: row[key]) == nil { lines[row[key]] = line }
    }
  }

  subscript(key: String) -> String? { entries[key] }

  /// Warnings for the site about the texts that are looked up.
  func notes(for texts: [String], column: String) -> [TextTable.Note] {
    let missing = texts.filter { !$0.isEmpty && entries[$0] == nil }
    if !missing.isEmpty, missing.count == texts.count {
      return [.init(message: "no '\(column)' has an entry in \(file)", rows: missing.count)]
    }
    let keys = Set(entries.keys.map(AlikeNames.key))
    let near = missing.count { keys.contains(AlikeNames.key($0)) }
    guard near > 0 else { return [] }
    return [
      .init(
        message:
          "rows have no entry in \(file), although their '\(column)' differs from a key in case, blanks or leading "
          + "zeros alone; write both alike", rows: near)
    ]
  }
}
