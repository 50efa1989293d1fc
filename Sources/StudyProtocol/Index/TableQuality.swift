import FederatedCore

/// Finds columns and rows from which a model learns nothing, or the wrong thing: constant columns, copies of
/// the target, repeated or contradictory rows of one patient, and codes for missing numbers.
///
/// All findings are warnings. Each requires so many records that chance alone would not cause it.
struct TableQuality {
  /// The smallest number of records in which a constant or a copy is not chance.
  private static let fewest = 10

  private let records: [Record]
  private let study: Study
  private let site: SiteDefinition
  /// The numbers and categories that the model sees.
  private let inputs: [CommonDataElement]

  init(_ records: [Record], study: Study, site: SiteDefinition) {
    self.records = records
    self.study = study
    self.site = site
    inputs = study.inputs.filter { $0.kind == .number || $0.kind == .category }
  }

  func check(log: inout FindingLog) {
    for element in inputs {
      checkConstant(element, log: &log)
      checkLeak(element, log: &log)
    }
    for element in study.elements where element.kind == .number && element.range == nil {
      checkCodes(of: element, log: &log)
    }
    checkRows(log: &log)
  }

  /// Warns of a column with a single value. Skips yes-or-no columns: it is common that nobody at a site has a
  /// certain finding.
  private func checkConstant(_ element: CommonDataElement, log: inout FindingLog) {
    let found = records.map { $0[element.name] }.filter { $0 != .missing }
    guard found.count >= Self.fewest, Set(found).count == 1, let value = found.first,
      element.kind == .number || element.values.count > 2
    else { return }
    log.add(
      .warning, .constant, element: element.name, records: found.count,
      message:
        "all records of the site have the same value, from which a model learns nothing; check the column, and whether "
        + "the value stands for a missing one (list it under `missing`)",
      places: records.map(\.place), values: [text(value, of: element)])
  }

  /// Warns of an input that reveals the target, the event or the time.
  private func checkLeak(_ element: CommonDataElement, log: inout FindingLog) {
    let outcomes = study.elements.filter { [.target, .event, .time].contains($0.role) }
    for outcome in outcomes {
      let pairs = records.map { LeakTest.Pair(input: $0[element.name], outcome: $0[outcome.name]) }
        .filter { $0.input != .missing && $0.outcome != .missing }
      guard pairs.count >= Self.fewest else { continue }
      let isCopy =
        outcome.kind == .number
        ? LeakTest.isLinear(pairs) : LeakTest.isRecoded(pairs) || LeakTest.isCut(pairs)
      guard isCopy else { continue }
      log.add(
        .warning, .leak, element: element.name, records: pairs.count,
        message:
          "'\(outcome.name)', which the study predicts, follows from this input without an error in any record, as if the "
          + "input were a copy of it or were recorded after it; check the column, or take the input out of the study",
        places: records.map(\.place))
    }
  }

  /// Warns of numbers such as -1 or 999 far from all others, in a column without a range.
  private func checkCodes(of element: CommonDataElement, log: inout FindingLog) {
    let mapping = site.elements[element.name]
    let (scale, offset) = (mapping?.scale ?? 1, mapping?.offset ?? 0)
    let stored = records.compactMap { record -> (number: Double, place: String)? in
      guard case .number(let number) = record[element.name] else { return nil }
      return (MissingCodes.rounded((number - offset) / scale), record.place)
    }
    let codes = MissingCodes(among: stored.map(\.number)).codes
    let found = stored.filter { codes.contains($0.number) }
    guard !found.isEmpty else { return }
    log.add(
      .warning, .sentinel, element: element.name, records: found.count,
      message:
        "the number is far from all others and looks like a code for a missing value, such as -1 or 999; list it under "
        + "`missing` in the site file, or declare a `range` in the study",
      places: found.map(\.place), values: found.map(\.number.short))
  }

  /// Warns of rows of one patient with equal inputs. Images are compared elsewhere, by their pixels.
  private func checkRows(log: inout FindingLog) {
    guard study.isTabular, study.element(.group) != nil, !inputs.isEmpty else { return }
    let outcomes = study.elements.filter { [.target, .event, .time].contains($0.role) }
    let numbers = Dictionary(grouping: records.indices) { number in
      [.identifier(records[number].group)] + inputs.map { records[number][$0.name] }
    }
    for alike in numbers.values.filter({ $0.count > 1 }).sorted(by: { $0[0] < $1[0] }) {
      let rows = alike.map { records[$0] }
      guard inputs.contains(where: { rows[0][$0.name] != .missing }) else { continue }
      let isOne = Set(rows.map { row in outcomes.map { row[$0.name] } }).count == 1
      log.add(
        .warning, .duplicate, element: study.element(.group)?.name, records: rows.count,
        message: isOne
          ? "rows of one patient are the same in all inputs and in what is predicted, so that the patient counts several times; "
            + "remove the copies"
          : "rows of one patient are the same in all inputs but differ in what is predicted, so that a model cannot learn it; "
            + "correct the table, or keep one row of each patient",
        places: rows.map(\.place))
    }
  }

  private func text(_ value: Record.Value, of element: CommonDataElement) -> String {
    switch value {
    case .number(let number): number.short
    case .category(let index): element.values[index].code
    default: ""
    }
  }
}
