/// Numbers such as `1.100`, which mean 1.1 if the point marks decimals and 1100 if it separates thousands.
///
/// A column is unambiguous if its format is declared, or if it contains a number such as `0.98` or `12.5`,
/// whose point cannot separate thousands.
struct AmbiguousNumbers {
  /// The indices of the rows whose text in the column is ambiguous.
  private(set) var rows: [Int] = []

  /// - Parameter column: The texts of one column for which the site has declared no number format.
  init(column: [String]) {
    var found: [Int] = []
    for (row, text) in column.enumerated() where text.contains(".") {
      if Self.isGrouped(text) {
        found.append(row)
      } else if Self.plain.number(text) != nil {
        return
      }
    }
    rows = found
  }

  private static let plain = NumberFormat(ValueFormat())

  /// Whether the point in a text could separate thousands: true for `1.100`, false for `0.100` and `1100.5`.
  private static func isGrouped(_ text: String) -> Bool {
    let digits = text.first.map { "+-−".contains($0) } == true ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 && (1...3).contains(parts[0].count) && parts[1].count == 3 && digits.first != "0"
      && parts.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
  }

  /// Whether a text is a number with a decimal comma, such as `0,5`.
  static func hasDecimalComma(_ text: String) -> Bool {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[1].isEmpty && plain.number(text.replacing(",", with: ".")) != nil
  }
}

extension RecordReader {
  /// Adds a finding for each column with ambiguous numbers. The finding is an error if the table has decimal
  /// commas elsewhere, otherwise a warning.
  func checkAmbiguousNumbers(log: inout FindingLog) {
    let table = rows.table
    var hasCommas: Bool?
    for (element, column) in undeclaredNumbers {
      let texts = table.rows.map { isMissing($0[column], element) ? "" : $0[column] }
      let found = AmbiguousNumbers(column: texts).rows
      guard !found.isEmpty else { continue }
      let commas = hasCommas ?? table.rows.contains { $0.contains(where: AmbiguousNumbers.hasDecimalComma) }
      hasCommas = commas
      let reason =
        commas
        ? "the point may separate thousands, since other numbers of the table have decimal commas"
        : "the point may mark decimals or separate thousands, and no number in the column decides which; it was read as a decimal point"
      log.add(
        commas ? .error : .warning, .number, element: element.name, records: found.count,
        message:
          "\(reason). Write `decimal: \".\"` at the element if these are decimals, or `decimal: \",\"` and `thousands: \".\"` "
          + "if they are thousands",
        places: table.places(ofLines: found.map { table.lines[$0] }), values: found.map { texts[$0] })
    }
  }
}
