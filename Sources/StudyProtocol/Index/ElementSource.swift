import FederatedCore

/// The source of one element's values, with names of columns resolved to their positions.
enum ElementSource {
  case column(Int)
  /// The value is a file. Its path consists of these parts in order: fixed texts, and texts from columns of
  /// the row.
  case file([PatternPart])
  /// The value is an item of an array in an npz file, given by the parts of the array's name, the column with
  /// the item's index, and the file's arrays by name.
  case items(file: String, name: [PatternPart], index: Int, arrays: [String: Array])
  /// The value is the time between the dates in two columns.
  case duration(from: Int, to: Int, unit: DurationUnit)
  /// The element lacks a source, for the given reason.
  case unmapped(String)

  enum PatternPart {
    case text(String)
    case column(Int)
  }

  struct Array {
    var count: Int
    /// The values of the array; empty if the element is an image or a mask, whose pixels are not read here.
    var values: [Int]

    var indices: Range<Int> { 0..<count }
  }

  init(
    of element: CommonDataElement, site: SiteDefinition, rows: SiteRows, arrays: (any ArrayReader)?
  ) throws {
    let isImage = element.kind == .image || element.kind == .mask
    guard let mapping = site.elements[element.name] else {
      let column = isImage ? nil : rows.table.columns.firstIndex(of: element.name)
      self =
        column.map(ElementSource.column)
        ?? .unmapped(
          "it is not mapped, and there is no column '\(element.name)'; map it under `elements`.\(isImage ? "" : rows.table.hint(for: element.name))"
        )
      return
    }
    switch mapping.source {
    case .column(let column):
      let index = try rows.table.index(of: column)
      self = isImage ? .file([.column(index)]) : .column(index)
    case .file(let pattern):
      self =
        isImage
        ? .file(try Self.parts(of: pattern, table: rows.table))
        : .unmapped("an element of kind \(element.kind.rawValue) comes from a column, not from a file")
    case .npz(let file, let pattern):
      guard let arrays, element.kind != .identifier else {
        self = .unmapped("an element of kind \(element.kind.rawValue) cannot come from an npz file here")
        return
      }
      let name = try Self.parts(of: pattern, table: rows.table)
      self = .items(
        file: try rows.folder.permittedPath(file), name: name, index: try rows.table.index(of: "index"),
        arrays: try Self.items(name, file: file, rows: rows, readsValues: !isImage, arrays: arrays))
    case .duration(let start, let end, let unit):
      self =
        element.kind == .number
        ? .duration(
          from: try rows.table.index(of: start), to: try rows.table.index(of: end), unit: unit)
        : .unmapped("an element of kind \(element.kind.rawValue) is not a duration")
    }
  }

  /// The positions of all columns that the source reads.
  var columns: Set<Int> {
    switch self {
    case .column(let index): [index]
    case .file(let parts): parts.columns
    case .items(_, let name, let index, _): name.columns.union([index])
    case .duration(let start, let end, _): [start, end]
    case .unmapped: []
    }
  }

  /// Splits a pattern such as `images/{patient}.nii` at its columns.
  private static func parts(of pattern: String, table: TextTable) throws(ConsiliumError) -> [PatternPart] {
    var parts: [PatternPart] = []
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw ConsiliumError(.invalidInput, "the file pattern '\(pattern)' has a brace that is not closed")
      }
      parts.append(.text(String(rest[..<open])))
      parts.append(.column(try table.index(of: String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    return parts + [.text(String(rest))]
  }

  private static func items(
    _ pattern: [PatternPart], file: String, rows: SiteRows, readsValues: Bool, arrays: any ArrayReader
  ) throws -> [String: Array] {
    let path = try rows.folder.permittedPath(file)
    var found: [String: Array] = [:]
    for name in Set(rows.table.rows.map { pattern.text(of: $0) }) {
      found[name] = Array(
        count: try arrays.shape(ofArray: name, inFile: path).first ?? 0,
        values: readsValues ? try arrays.integers(ofArray: name, inFile: path) : [])
    }
    return found
  }
}

extension [ElementSource.PatternPart] {
  /// The positions of the columns in the pattern.
  var columns: Set<Int> {
    Set(compactMap { if case .column(let index) = $0 { index } else { nil } })
  }

  /// Fills in the pattern for a row.
  func text(of row: [String]) -> String {
    reduce(into: "") { text, part in
      switch part {
      case .text(let fixed): text += fixed
      case .column(let index): text += row[index]
      }
    }
  }
}
