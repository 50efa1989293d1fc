import FederatedCore
import Foundation

extension SiteFile {
  /// Reads a site file.
  ///
  /// - Parameters:
  ///   - study: The sites' study; if given, the mappings are checked against its elements.
  ///   - hasAllSites: `false` for a hospital's own file, which may leave out the other sites that the study
  ///     requires.
  /// - Throws: ``StudyDiagnostics`` with all errors of the file.
  public init(file: URL, study: Study? = nil, hasAllSites: Bool = true) throws(StudyDiagnostics) {
    try self.init(
      yaml: try YAMLFile.text(of: file), file: file.relativePath, study: study, hasAllSites: hasAllSites)
  }

  /// Reads the text of a site file.
  ///
  /// - Parameter file: The file's name, for messages.
  public init(
    yaml: String, file: String = "sites.yaml", study: Study? = nil, hasAllSites: Bool = true
  ) throws(StudyDiagnostics) {
    let log = FaultLog(file: file)
    let root = YAMLReader(try YAMLFile.root(of: yaml, file: file), path: "", log: log)
    let layout = root.mapping(Layout.init(reading:))
    SiteCheck(layout: layout, study: study, hasAllSites: hasAllSites, log: log).run()
    try log.throwIfAny()
    self.init(layout: layout, file: file)
  }
}

extension SiteFile.Layout {
  /// Reads the top level of a site file. Keys next to `sites` apply to every site that does not override
  /// them.
  fileprivate init(reading map: MappingReader) {
    let template = SiteDefinition(reading: map, name: "", template: nil)
    guard let sites = map.required("sites", "a list of sites, or {column: …}, or {partition: …}") else {
      self = .list([])
      return
    }
    if sites.isSequence {
      self = .list(
        sites.list().map { site in
          site.mapping {
            SiteDefinition(
              reading: $0, name: $0.text("name", expected: "the site's name"), template: template)
          }
        })
      if sites.node.sequence?.isEmpty == true { sites.fault("expected at least one site") }
    } else {
      self = sites.mapping { Self(choosing: $0, template: template) }
    }
  }

  private init(choosing map: MappingReader, template: SiteDefinition) {
    let column = map.optional("column")?.text("the name of a column")
    let only = map.texts("only")
    let titles = map.textsByKey("titles", "a mapping from a site's code to its name")
    let partition = map.optional("partition")?.mapping(Partition.init(reading:))
    switch (column, partition) {
    case (let column?, nil): self = .column(column, only: only, titles: titles, template: template)
    case (nil, let partition?):
      self = .partition(partition, template: template)
      for key in ["only", "titles"] where map.log.has(map.path(key)) {
        map.log.add("this key belongs to 'column'", at: map.path(key))
      }
    default:
      self = .list([])
      map.log.add("expected either 'column' or 'partition'", at: map.path)
    }
  }
}

extension Partition {
  fileprivate init(reading map: MappingReader) {
    self.init(
      method: map.choice("method"),
      count: map.required("count", "the number of sites")?.integer(.from(1, to: 100_000)) ?? 1,
      alpha: map.number("alpha", .positive),
      label: map.optional("label")?.text("the name of a category element"),
      seed: map.optional("seed")?.seed() ?? 0)
    for key in ["alpha", "label"] {
      let isGiven = map.log.has(map.path(key))
      if method == .dirichlet, !isGiven {
        map.log.contradiction("the method 'dirichlet' needs '\(key)'", at: map.path, with: map.path("method"))
      } else if method == .iid, isGiven {
        map.log.contradiction("the method 'iid' has no \(key)", at: map.path(key), with: map.path("method"))
      }
    }
  }
}

extension SiteDefinition {
  /// - Parameter template: The settings for all sites, which the site may override; `nil` for the template
  ///   itself.
  fileprivate init(reading map: MappingReader, name: String, template: SiteDefinition?) {
    let table = map.optional("table")?.mapping(SiteTable.init(reading:))
    if table == nil, template.map({ $0.table.isNamed }) == false {
      map.log.contradiction(
        "'table' is missing; expected it here or for all sites", at: map.path, with: "table")
    }
    let rows = (map.optional("where")?.entries("a mapping from column to codes") ?? []).map {
      ($0.key, $0.value.isSequence ? $0.value.list().compactMap { $0.text() } : [$0.value.text() ?? ""])
    }
    let elements = (map.optional("elements")?.entries("a mapping from element to where it is") ?? []).map {
      ($0.key, ElementMapping(reading: $0.value))
    }
    self.init(
      name: SiteID(name),
      title: template == nil ? nil : map.optional("title")?.text(),
      data: map.text("data", default: template?.data ?? "."),
      table: table ?? template?.table ?? SiteTable(source: .csv(file: "", columns: nil, delimiter: nil)),
      rows: (template?.rows ?? [:]).merging(rows) { $1 },
      excludeIncomplete: map.bool("exclude-incomplete", default: template?.excludeIncomplete ?? false),
      elements: (template?.elements ?? [:]).merging(elements) { $1 },
      ids: map.choice("ids", default: template?.ids ?? .shared),
      links: map.texts("links", default: template?.links ?? []))
  }
}

extension SiteTable {
  /// Whether the file states this table; `false` for the placeholder of a table that is missing.
  var isNamed: Bool {
    if case .csv("", _, _) = source { false } else { true }
  }

  fileprivate init(reading map: MappingReader) {
    self.init(
      source: Source(reading: map),
      missing: map.texts("missing"),
      derive: map.optional("derive")?.list().map { $0.mapping(DerivedColumn.init(reading:)) } ?? [],
      encoding: TableEncoding(reading: map),
      format: ValueFormat(reading: map))
    // Leave out a default value, so that stating it does not change the site's digest.
    if encoding == .utf8 { encoding = nil }
    if format.decimal == "." { format.decimal = nil }
  }
}

extension SiteTable.Source {
  fileprivate init(reading map: MappingReader) {
    let file = map.optional("file")?.text("the path of a table")
    let columns = map.optional("columns")?.list("a list of column names").compactMap { $0.text() }
    let delimiter = map.optional("delimiter")?.text("',', ';', '|' or a tab")
    let pattern = map.optional("files")?.text("a pattern such as images/*/*.png")
    let npz = map.optional("npz")?.text("the path of an npz file")
    let parts = map.texts("parts")
    if let delimiter, ![",", ";", "\t", "|"].contains(delimiter) {
      map.log.add(#"expected ",", ";", "|" or "\t""#, at: map.path("delimiter"))
    }
    switch (file, pattern, npz) {
    case (let file?, nil, nil): self = .csv(file: file, columns: columns, delimiter: delimiter)
    case (nil, let pattern?, nil): self = .files(pattern: pattern)
    case (nil, nil, let npz?):
      self = .npz(file: npz, parts: parts)
      if parts.isEmpty { _ = map.required("parts", "the names that stand for {part} in the arrays' names") }
    default:
      self = .csv(file: "?", columns: nil, delimiter: nil)
      map.log.add("expected one of 'file' (a table), 'files' (a pattern) and 'npz'", at: map.path)
    }
    let surplus = file == nil ? ["columns", "delimiter", "encoding"] : ["parts"]
    for key in surplus where map.log.has(map.path(key)) {
      map.log.contradiction(
        "this key does not belong to this kind of table", at: map.path(key), with: map.path)
    }
  }
}

extension SiteTable.DerivedColumn {
  fileprivate init(reading map: MappingReader) {
    self.init(
      name: map.text("name", expected: "the new column's name"),
      from: map.text("from", expected: "the column from which it is made"))
    if let bounds = map.optional("characters")?.range(.from(1, to: 10_000)) {
      characters = Int(bounds.lowerBound)...Int(bounds.upperBound)
    }
    lookup = map.optional("lookup")?.mapping {
      SiteTable.Lookup(
        file: $0.text("file", expected: "the path of a table"),
        key: $0.text("key", expected: "a column"),
        value: $0.text("value", expected: "a column"), encoding: TableEncoding(reading: $0))
    }
    if map.log.has(map.path("characters")) == map.log.has(map.path("lookup")) {
      map.log.add("expected either 'characters' or 'lookup'", at: map.path)
    }
  }
}

extension ElementMapping {
  /// Reads the source of an element: the name of a column, or a mapping with further keys.
  fileprivate init(reading reader: YAMLReader) {
    guard reader.isMapping else {
      self.init(source: .column(reader.text("the name of a column, or a mapping") ?? ""))
      return
    }
    self = reader.mapping { map in
      ElementMapping(
        source: Source(reading: map),
        values: map.textsByKey("values", "a mapping from the site's code to the study's"),
        missing: map.texts("missing"),
        scale: map.number("scale", .any, default: 1),
        offset: map.number("offset", .any, default: 0),
        missingVoxels: map.number("missing-voxels", .any),
        format: ValueFormat(reading: map),
        below: map.optional("below")?.choice(),
        above: map.optional("above")?.choice())
    }
  }
}

extension ElementMapping.Source {
  fileprivate init(reading map: MappingReader) {
    let column = map.optional("column")?.text("the name of a column")
    let file = map.optional("file")?.text("a pattern such as images/{patient}.nii.gz")
    let npz = map.optional("npz")?.text("the path of an npz file")
    let array = map.optional("array")?.text("an array's name such as {part}_images")
    if let duration = Self.duration(map) {
      self = duration
      if column != nil || file != nil || npz != nil {
        map.log.add("expected one of 'column', 'file', 'npz' and '…-between'", at: map.path)
      }
      return
    }
    switch (column, file, npz) {
    case (let column?, nil, nil): self = .column(column)
    case (nil, let file?, nil): self = .file(file)
    case (nil, nil, let npz?):
      if array == nil { _ = map.required("array", "an array's name such as {part}_images") }
      self = .npz(file: npz, array: array ?? "")
    default:
      self = .column("")
      map.log.add("expected one of 'column', 'file' and 'npz'", at: map.path)
    }
  }

  /// Reads a duration between two dates, such as `days-between: [start, end]`.
  private static func duration(_ map: MappingReader) -> Self? {
    let given = DurationUnit.allCases.compactMap { unit in map.optional(unit.key).map { (unit, $0) }
    }
    guard let (unit, value) = given.first else { return nil }
    let columns = value.list("two columns of dates, such as [start, end]").compactMap { $0.text() }
    if value.isSequence, columns.count != 2 {
      value.fault("expected two columns of dates, such as [start, end]")
    }
    if given.count > 1 { map.log.add("expected one unit of the duration", at: map.path) }
    return .duration(from: columns.first ?? "", to: columns.last ?? "", unit: unit)
  }
}

extension ValueFormat {
  /// Reads the keys `decimal`, `thousands` and `dates` of a table or an element.
  fileprivate init(reading map: MappingReader) {
    let decimal = Self.mark("decimal", [".", ","], map)
    let thousands = Self.mark("thousands", [".", ",", "'", " "], map)
    self.init(
      decimal: decimal, thousands: thousands,
      dates: map.optional("dates").map {
        $0.isSequence ? $0.list().compactMap { $0.text() } : [$0.text() ?? ""]
      } ?? [])
    for pattern in self.dates where DateFormat(pattern) == nil {
      map.log.add(
        "'\(pattern)' is not a date format; expected YYYY, MM (or MMM for Jan) and DD once each, such as DD.MM.YYYY, or excel",
        at: map.path("dates"))
    }
  }

  private static func mark(_ key: String, _ allowed: [String], _ map: MappingReader) -> String? {
    guard let mark = map.optional(key)?.text() else { return nil }
    if !allowed.contains(mark) {
      map.log.add(
        "expected \(allowed.map { "\"\($0)\"" }.joined(separator: " or "))", at: map.path(key))
    }
    return mark
  }
}

extension TableEncoding {
  /// Reads the key `encoding`; `nil` if it is absent.
  fileprivate init?(reading map: MappingReader) {
    guard let reader = map.optional("encoding"), let name = reader.text() else { return nil }
    let names = Self.allCases.map(\.rawValue)
    guard let encoding = TableEncoding(name: name) else {
      reader.fault(
        "expected one of \(names.joined(separator: ", ")); found \(reader.found).\(NearestName.hint(for: name, among: names))"
      )
      return nil
    }
    self = encoding
  }
}
