import FederatedCore
import Foundation

/// The rows of a site's table, with derived columns and after its filters.
struct SiteRows {
  let folder: DataFolder
  var table: TextTable

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the table or a column is not there or malformed.
  init(site: SiteDefinition, dataRoot: URL, arrays: (any ArrayReader)?) throws {
    folder = try DataFolder(site.data, dataRoot: dataRoot)
    table = try Self.read(site, folder: folder, arrays: arrays)
    for column in site.table.derive { try derive(column) }
    for (column, codes) in site.rows.sorted(by: { $0.key < $1.key }) {
      let index = try table.index(of: column)
      let kept = CodeSet(codes)
      table.filter { kept.contains($0[index]) }
    }
  }

  private static func read(_ site: SiteDefinition, folder: DataFolder, arrays: (any ArrayReader)?) throws
    -> TextTable
  {
    switch site.table.source {
    case .csv(let file, let columns, let delimiter):
      return try CSVReader.table(
        try folder.contents(of: file), file: folder.shown(file), columns: columns, delimiter: delimiter)
    case .files(let pattern):
      let files = try folder.files(matching: pattern)
      return TextTable(
        file: folder.shown(pattern), columns: ["file", "name", "folder"],
        rows: files.map(Self.columns(ofFile:)),
        lines: files.indices.map { $0 + 1 })
    case .npz(let file, let parts):
      return try items(of: file, parts: parts, site: site, folder: folder, arrays: arrays)
    }
  }

  private static func columns(ofFile file: String) -> [String] {
    let parts = file.split(separator: "/")
    let name = parts.last.map(String.init) ?? ""
    return [
      file, name.split(separator: ".").first.map(String.init) ?? name,
      parts.dropLast().last.map(String.init) ?? "",
    ]
  }

  private static func items(
    of file: String, parts: [String], site: SiteDefinition, folder: DataFolder, arrays: (any ArrayReader)?
  ) throws -> TextTable {
    guard let arrays else {
      throw ConsiliumError(.invalidInput, "\(folder.shown(file)): only the engine can read npz files")
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
      let count = try arrays.shape(ofArray: name, inFile: folder.path(file)).first ?? 0
      rows += (0..<count).map { [part, String($0)] }
    }
    return TextTable(
      file: folder.shown(file), columns: ["part", "index"], rows: rows, lines: rows.indices.map { $0 + 1 })
  }

  private mutating func derive(_ column: SiteTable.DerivedColumn) throws {
    let source = try table.index(of: column.from)
    if let characters = column.characters {
      try table.append(column: column.name) { row in
        String(row[source].dropFirst(characters.lowerBound - 1).prefix(characters.count))
      }
    } else if let lookup = column.lookup {
      let other = try CSVReader.table(try folder.contents(of: lookup.file), file: folder.shown(lookup.file))
      let (key, value) = (try other.index(of: lookup.key), try other.index(of: lookup.value))
      let entries = Dictionary(
        other.rows.map { ($0[key], $0[value]) }, uniquingKeysWith: { first, _ in first })
      try table.append(column: column.name) { row in entries[row[source]] ?? "" }
    }
  }
}
