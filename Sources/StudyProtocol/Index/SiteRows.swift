import FederatedCore
import Foundation

/// The rows of a site's table that pass its filters, with the derived columns.
struct SiteRows {
  let folder: DataFolder
  /// The table. Its notes are warnings about the table, its lookup tables and its filters.
  var table: TextTable

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the table or a column is missing or malformed.
  init(site: SiteDefinition, dataRoot: URL, arrays: (any ArrayReader)?) throws {
    folder = try DataFolder(site.data, dataRoot: dataRoot, links: site.links)
    table = try Self.read(site, folder: folder, arrays: arrays)
    for column in site.table.derive { try derive(column, encoding: site.table.encoding) }
    for (column, codes) in site.rows.sorted(by: { $0.key < $1.key }) { try keep(codes, of: column) }
  }

  private static func read(_ site: SiteDefinition, folder: DataFolder, arrays: (any ArrayReader)?) throws
    -> TextTable
  {
    switch site.table.source {
    case .csv(let file, let columns, let delimiter):
      return try CSVReader.table(
        try folder.contents(of: file), file: folder.shown(file), columns: columns,
        delimiter: delimiter,
        encoding: site.table.encoding)
    case .files(let pattern):
      let found = try FilePattern(pattern, in: folder)
      return TextTable(
        file: folder.shown(pattern), columns: ["file", "name", "folder"],
        rows: found.files.map(found.columns(of:)), lines: found.files.indices.map { $0 + 1 },
        notes: found.notes)
    case .npz(let file, let parts):
      return try items(of: file, parts: parts, site: site, folder: folder, arrays: arrays)
    }
  }

  private static func items(
    of file: String, parts: [String], site: SiteDefinition, folder: DataFolder, arrays: (any ArrayReader)?
  ) throws -> TextTable {
    guard let arrays else {
      throw ConsiliumError(.invalidInput, "\(folder.shown(file)): only the worker can read npz files")
    }
    let patterns = site.elements.sorted { $0.key < $1.key }.compactMap { _, mapping -> String? in
      if case .npz(file, let array) = mapping.source { array } else { nil }
    }
    guard let pattern = patterns.first, DataFolder.staysInside(file) else {
      throw ConsiliumError(
        .invalidInput, "\(folder.shown(file)): no element is mapped to an array of the file")
    }
    var rows: [[String]] = []
    for part in parts {
      let name = pattern.replacing("{part}", with: part)
      let count = try arrays.shape(ofArray: name, inFile: folder.permittedPath(file)).first ?? 0
      rows += (0..<count).map { [part, String($0)] }
    }
    return TextTable(
      file: folder.shown(file), columns: ["part", "index"], rows: rows, lines: rows.indices.map { $0 + 1 })
  }

  private mutating func derive(_ column: SiteTable.DerivedColumn, encoding: TableEncoding?) throws {
    let source = try table.index(of: column.from)
    if let characters = column.characters {
      try table.append(column: column.name) { row in
        String(row[source].dropFirst(characters.lowerBound - 1).prefix(characters.count))
      }
    } else if let lookup = column.lookup {
      let entries = try LookupTable(lookup, folder: folder, encoding: encoding)
      table.notes += entries.notes(for: table.rows.map { $0[source] }, column: column.from)
      try table.append(column: column.name) { row in entries[row[source]] ?? "" }
    }
  }

  /// Keeps the rows whose column holds one of the codes, and notes rows that almost match.
  private mutating func keep(_ codes: [String], of column: String) throws {
    let index = try table.index(of: column)
    let kept = CodeSet(codes)
    let keys = Set(codes.map(AlikeNames.key))
    let near = table.rows.indices.filter { row in
      let text = table.rows[row][index]
      return !text.isEmpty && !kept.contains(text) && keys.contains(AlikeNames.key(text))
    }
    if !near.isEmpty {
      table.notes.append(
        .init(
          message:
            "rows are left out by `where`, although their '\(column)' differs from a kept code only in case, blanks or "
            + "leading zeros; write the codes the same way, or list both",
          rows: near.count, places: table.places(ofLines: near.map { table.lines[$0] })))
    }
    table.filter { kept.contains($0[index]) }
  }
}
