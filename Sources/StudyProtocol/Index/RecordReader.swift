import FederatedCore
import Foundation

/// Turns the rows of a site's table into records and says of each what breaks the study's elements.
struct RecordReader {
  /// A way in which one record breaks one element.
  struct Fault {
    var rule: ElementFinding.Rule
    var element: String
    var message: String
    var place: String
    /// What was found in the table, for the site's own terminal.
    var value: String?
  }

  struct Reading {
    var record: Record
    var faults: [Fault]
  }

  /// What a cell gave.
  private enum Outcome {
    case value(Record.Value)
    case missing
    case broken(ElementFinding.Rule, String, place: String?, value: String? = nil)
  }

  let study: Study
  let site: SiteDefinition
  let rows: SiteRows
  private let sources: [ElementSource]
  /// The texts that mean "missing", by element name.
  private let missing: [String: CodeSet]

  init(study: Study, site: SiteDefinition, dataRoot: URL, arrays: (any ArrayReader)?) throws {
    (self.study, self.site) = (study, site)
    let rows = try SiteRows(site: site, dataRoot: dataRoot, arrays: arrays)
    self.rows = rows
    missing = study.elements.reduce(into: [:]) { sets, element in
      sets[element.name] = CodeSet(site.table.missing + (site.elements[element.name]?.missing ?? []))
    }
    sources = try study.elements.map { try ElementSource(of: $0, site: site, rows: rows, arrays: arrays) }
  }

  func readings() -> [Reading] { rows.table.rows.indices.map(reading(ofRow:)) }

  private func reading(ofRow row: Int) -> Reading {
    let place = rows.table.place(of: row)
    var reading = Reading(record: Record(group: place, values: [:], place: place), faults: [])
    for (element, source) in zip(study.elements, sources) {
      var value = Record.Value.missing
      switch outcome(element, source, rows.table.rows[row]) {
      case .value(let found): value = found
      case .missing where element.required:
        let message = "the study requires it, and it is missing; supply it, or set `exclude-incomplete: true`"
        reading.faults.append(Fault(rule: .required, element: element.name, message: message, place: place))
      case .missing: break
      case .broken(let rule, let message, let other, let found):
        reading.faults.append(
          Fault(rule: rule, element: element.name, message: message, place: other ?? place, value: found))
      }
      reading.record.values[element.name] = value
      if element.role == .group, case .identifier(let name) = value {
        reading.record.group = name
      }
    }
    return reading
  }

  private func outcome(_ element: CommonDataElement, _ source: ElementSource, _ row: [String]) -> Outcome {
    switch source {
    case .unmapped(let reason): element.required ? .broken(.mapping, reason, place: nil) : .missing
    case .column(let index): outcome(element, text: row[index])
    case .file(let parts): outcome(file: parts, row, element)
    case .items(let file, let name, let index, let arrays):
      outcome(element, file: file, name: name.text(of: row), index: row[index], arrays: arrays)
    }
  }

  private func isMissing(_ text: String, _ element: CommonDataElement) -> Bool {
    text.isEmpty || missing[element.name]?.contains(text) ?? false
  }

  private func outcome(_ element: CommonDataElement, text: String) -> Outcome {
    if isMissing(text, element) { return .missing }
    switch element.kind {
    case .number: return number(element, text)
    case .category: return category(element, text)
    default: return .value(.identifier(text))
    }
  }

  private func number(_ element: CommonDataElement, _ text: String) -> Outcome {
    guard let local = YAMLReader.decimal(text) else {
      return .broken(
        .number, "it is not a finite number; write it with a decimal point, or list the text under `missing`",
        place: nil, value: text)
    }
    let mapping = site.elements[element.name]
    let value = local * (mapping?.scale ?? 1) + (mapping?.offset ?? 0)
    if let range = element.range, !range.contains(value) {
      let unit = element.unit.map { " \($0)" } ?? ""
      return .broken(
        .range,
        "it is outside \(range.lowerBound.short) to \(range.upperBound.short)\(unit); check the unit (`scale`, `offset`) or list the code under `missing`",
        place: nil, value: text)
    }
    return .value(.number(value))
  }

  private func category(_ element: CommonDataElement, _ text: String) -> Outcome {
    let mapped = site.elements[element.name]?.values ?? [:]
    let normal = CodeSet.normalised(text)
    let code = mapped[text] ?? mapped[normal] ?? text
    guard let index = element.index(ofCode: code) ?? element.index(ofCode: CodeSet.normalised(code)) else {
      let permitted = element.values.map { "\($0.code) (\($0.label))" }.joined(separator: ", ")
      return .broken(
        .code,
        "its code is not permitted; the study knows \(permitted); map the site's own codes under `elements.\(element.name).values`",
        place: nil, value: text)
    }
    return .value(.category(index))
  }

  private func outcome(file parts: [ElementSource.PatternPart], _ row: [String], _ element: CommonDataElement)
    -> Outcome
  {
    for case .column(let index) in parts where isMissing(row[index], element) { return .missing }
    let relative = parts.text(of: row)
    guard DataFolder.staysInside(relative) else {
      return .broken(.file, "the path leaves the site's data folder", place: nil)
    }
    let shown = rows.folder.shown(relative)
    guard let size = rows.folder.size(of: relative) else {
      return element.required ? .broken(.file, "the file does not exist", place: shown) : .missing
    }
    if size == 0 { return .broken(.file, "the file is empty", place: shown) }
    return .value(.file(rows.folder.path(relative)))
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
      return .broken(.file, "the array holds more than one number an item", place: nil)
    }
    return outcome(element, text: String(array.values[index]))
  }
}

extension Double {
  /// As people write it: without `.0`.
  var short: String { rounded() == self && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}
