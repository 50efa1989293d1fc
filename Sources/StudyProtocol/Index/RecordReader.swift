import FederatedCore
import Foundation

/// Turns the rows of a site's table into records, and reports the rules of the study's elements that each
/// record breaks.
struct RecordReader {
  /// A violation of one element's rules by one record.
  struct Fault {
    var rule: ElementFinding.Rule
    var element: String
    var message: String
    var place: String
    /// The value in the table, for the site's own terminal.
    var value: String?
  }

  struct Reading {
    var record: Record
    var faults: [Fault]
    /// Warnings for the site about a record that is usable.
    var remarks: [Fault] = []
    /// For each element that is computed from dates, the first and the last of the dates; days are counted
    /// from 1 January 1970.
    var days: [String: ClosedRange<Int>] = [:]
  }

  /// The result of reading a cell.
  enum Outcome {
    case value(Record.Value)
    case missing
    case broken(ElementFinding.Rule, String, place: String?, value: String? = nil)
    /// The outcome of reading a cell, together with a warning for the site.
    indirect case remarked(Outcome, String, place: String)
    /// A duration between two dates: the outcome of reading it, and the days from the earlier to the later
    /// date, counted from 1 January 1970.
    indirect case dated(Outcome, ClosedRange<Int>)
  }

  let study: Study
  let site: SiteDefinition
  let rows: SiteRows
  private let sources: [ElementSource]
  private let finder: FileFinder
  /// For each element, the reader of its cells.
  private let cells: [String: CellReader]
  /// For each element, the texts that mean "missing".
  private let missing: [String: CodeSet]

  init(study: Study, site: SiteDefinition, dataRoot: URL, arrays: (any ArrayReader)?) throws {
    self.study = study
    self.site = site
    let rows = try SiteRows(site: site, dataRoot: dataRoot, arrays: arrays)
    self.rows = rows
    finder = FileFinder(rows.folder)
    cells = study.elements.reduce(into: [:]) { readers, element in
      readers[element.name] = CellReader(of: element, site: site)
    }
    missing = study.elements.reduce(into: [:]) { sets, element in
      sets[element.name] = CodeSet(site.table.missing + (site.elements[element.name]?.missing ?? []))
    }
    sources = try study.elements.map {
      try ElementSource(of: $0, site: site, rows: rows, arrays: arrays)
    }
  }

  /// Warnings for the site about its table as a whole.
  func remarks(log: inout FindingLog) {
    for note in rows.table.notes {
      log.add(.warning, .table, records: note.rows, message: note.message, places: note.places)
    }
    checkAmbiguousNumbers(log: &log)
    let kept = Set(rows.table.lines)
    for (element, source) in zip(study.elements, sources) {
      let names = source.columns.map { rows.table.columns[$0] }
      let lines = Set(names.flatMap { rows.table.cleanedLines[$0] ?? [] }).intersection(kept)
        .sorted()
      guard !lines.isEmpty else { continue }
      log.add(
        .warning, .table, element: element.name, records: lines.count,
        message:
          "the text contained unusual blanks or invisible characters; they were removed, so that equal texts compare as equal",
        places: rows.table.places(ofLines: lines))
    }
  }

  /// The elements whose columns are read as numbers with a decimal point only because the site declares no
  /// format.
  var undeclaredNumbers: [(element: CommonDataElement, column: Int)] {
    zip(study.elements, sources).compactMap { element, source in
      let format = (site.elements[element.name]?.format ?? ValueFormat()).over(site.table.format)
      guard case .column(let column) = source, element.kind == .number, format.decimal == nil,
        format.thousands == nil
      else { return nil }
      return (element, column)
    }
  }

  func readings() -> [Reading] { rows.table.rows.indices.map(reading(ofRow:)) }

  private func reading(ofRow row: Int) -> Reading {
    let place = rows.table.place(of: row)
    var reading = Reading(record: Record(group: place, values: [:], place: place), faults: [])
    for (element, source) in zip(study.elements, sources) {
      let value = take(outcome(element, source, rows.table.rows[row]), of: element, into: &reading)
      reading.record.values[element.name] = value
      if element.role == .group, case .identifier(let name) = value {
        reading.record.group = name
      }
    }
    return reading
  }

  /// Returns the value of an outcome, and adds its problems to the reading.
  private func take(_ outcome: Outcome, of element: CommonDataElement, into reading: inout Reading)
    -> Record.Value
  {
    let place = reading.record.place
    switch outcome {
    case .value(let found): return found
    case .missing where element.required:
      let message =
        "the study requires it, and it is missing; supply it, or set `exclude-incomplete: true`"
      reading.faults.append(
        Fault(rule: .required, element: element.name, message: message, place: place))
    case .missing: break
    case .broken(let rule, let message, let other, let found):
      reading.faults.append(
        Fault(
          rule: rule, element: element.name, message: message, place: other ?? place, value: found))
    case .remarked(let inner, let message, let other):
      reading.remarks.append(
        Fault(rule: .file, element: element.name, message: message, place: other))
      return take(inner, of: element, into: &reading)
    case .dated(let inner, let days):
      reading.days[element.name] = days
      return take(inner, of: element, into: &reading)
    }
    return .missing
  }

  private func outcome(_ element: CommonDataElement, _ source: ElementSource, _ row: [String])
    -> Outcome
  {
    switch source {
    case .unmapped(let reason): element.required ? .broken(.mapping, reason, place: nil) : .missing
    case .column(let index): outcome(element, text: row[index])
    case .file(let parts): outcome(file: parts, row, element)
    case .duration(let start, let end, let unit):
      if isMissing(row[start], element) || isMissing(row[end], element) {
        .missing
      } else {
        cells[element.name]?.duration(from: row[start], to: row[end], unit: unit) ?? .missing
      }
    case .items(let file, let name, let index, let arrays):
      outcome(element, file: file, name: name.text(of: row), index: row[index], arrays: arrays)
    }
  }

  func isMissing(_ text: String, _ element: CommonDataElement) -> Bool {
    text.isEmpty || missing[element.name]?.contains(text) ?? false
  }

  private func outcome(_ element: CommonDataElement, text: String) -> Outcome {
    if isMissing(text, element) { return .missing }
    switch element.kind {
    case .number, .category: return cells[element.name]?.outcome(text) ?? .missing
    default: return .value(.identifier(text))
    }
  }

  private func outcome(
    file parts: [ElementSource.PatternPart], _ row: [String], _ element: CommonDataElement
  )
    -> Outcome
  {
    for case .column(let index) in parts where isMissing(row[index], element) { return .missing }
    let relative = withSlashes(parts.text(of: row))
    guard DataFolder.staysInside(relative) else {
      return .broken(.file, "the path leaves the site's data folder", place: nil)
    }
    let shown = rows.folder.shown(relative)
    switch finder.find(relative) {
    case .found(_, 0), .near(_, 0): return .broken(.file, "the file is empty", place: shown)
    case .found(let path, _): return .value(.file(rows.folder.path(path)))
    case .near(let path, _):
      return .remarked(
        .value(.file(rows.folder.path(path))),
        "the file's name differs in the case of its ending, or in invisible characters; the file was accepted",
        place: rows.folder.shown(path))
    case .alike(let name, let difference):
      let message =
        "the file does not exist, but there is one whose name differs \(difference.words); write the name in the table exactly as "
        + "the file is named"
        + (difference == .zeros ? " (a spreadsheet keeps zeros in a column formatted as text)" : "")
      let place = "\(shown), there is \(name)"
      return element.required
        ? .broken(.file, message, place: place) : .remarked(.missing, message, place: place)
    case .outside: return .broken(.file, LinkPermission.fault, place: shown)
    case .absent:
      return element.required ? .broken(.file, "the file does not exist", place: shown) : .missing
    }
  }

  /// The path of a file with `/` between folders, even if a table from Windows has `\`.
  private func withSlashes(_ path: String) -> String {
    path.contains("\\") && finder.find(path) == .absent ? path.replacing("\\", with: "/") : path
  }

  private func outcome(
    _ element: CommonDataElement, file: String, name: String, index: String,
    arrays: [String: ElementSource.Array]
  ) -> Outcome {
    guard let array = arrays[name], let index = Int(index), array.indices.contains(index) else {
      return .broken(.file, "the array has no item of the row's index", place: nil)
    }
    if element.kind == .image || element.kind == .mask {
      return .value(.item(file: file, array: name, index: index))
    }
    guard array.values.count == array.count else {
      return .broken(.file, "the array has more than one number per item", place: nil)
    }
    return outcome(element, text: String(array.values[index]))
  }
}

extension Double {
  /// The number as people write it, without `.0`.
  var short: String { rounded() == self && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}
