import FederatedCore

extension SiteIndex {
  /// Reports identifiers that could merge two people into one, or split one person into two.
  static func checkIdentifiers(_ records: [Record], study: Study, log: inout FindingLog) {
    for element in study.elements where element.kind == .identifier {
      let named = records.compactMap { record -> (name: String, place: String)? in
        if case .identifier(let name) = record[element.name] { (name, record.place) } else { nil }
      }
      func report(
        _ severity: ElementFinding.Severity, _ message: String, where isConcerned: (String) -> Bool
      ) {
        let found = named.filter { isConcerned($0.name) }
        guard !found.isEmpty else { return }
        log.add(
          severity, .identifier, element: element.name, records: found.count, message: message,
          places: found.map(\.place), values: found.map(\.name))
      }
      for rule in IdentifierRule.all { report(rule.severity, rule.message, where: rule.isBroken) }
      let groups = AlikeNames.groups(Set(named.map(\.name)))
      for (difference, names) in groups.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        report(
          .warning,
          "\(names.count) identifiers differ from another one \(difference.words); if they mean the same patients, write them the "
            + "same way, or one person may be in both training and test"
        ) { names.contains($0) }
      }
    }
  }
}

/// A kind of identifier that spreadsheets and exports garble, so that patients may be confused with each
/// other.
private struct IdentifierRule: Sendable {
  let severity: ElementFinding.Severity
  let message: String
  let isBroken: @Sendable (String) -> Bool

  static let all = [
    IdentifierRule(
      severity: .error,
      message:
        "the identifier is a number in scientific notation, as spreadsheets write long ones; its last digits are lost, "
        + "and several patients may have become one; export the column as text",
      isBroken: { isScientific($0) }),
    IdentifierRule(
      severity: .error,
      message:
        "the identifier is a spreadsheet's error value, which merges several patients into one; correct the table",
      isBroken: { $0.hasPrefix("#") && errorValues.contains($0.uppercased()) }),
    IdentifierRule(
      severity: .error,
      message:
        "the identifier contains U+FFFD, which stands for a lost letter, so several patients may have become one; export the "
        + "table again and declare its `encoding`",
      isBroken: { $0.unicodeScalars.contains("\u{FFFD}") }),
    IdentifierRule(
      severity: .warning,
      message:
        "the identifier has more than 15 digits and ends in zeros; spreadsheets keep 15 digits, and several patients may have "
        + "become one; export the column as text", isBroken: { isRounded($0) }),
    IdentifierRule(
      severity: .warning,
      message:
        "the identifier looks like a word for 'missing', which merges several patients into one; list such texts under `missing`",
      isBroken: { missingWords.contains($0.lowercased()) }),
  ]

  /// Whether a name is digits with an exponent, which has a sign or follows a decimal mark: `1E+05`,
  /// `1,23457e+11`, `1.2E5`.
  private static func isScientific(_ name: String) -> Bool {
    let parts = name.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard parts.count == 2 else { return false }
    let mantissa = parts[0].split(omittingEmptySubsequences: false) { $0 == "." || $0 == "," }
    let hasSign = parts[1].first.map { "+-".contains($0) } ?? false
    guard hasSign || mantissa.count == 2 else { return false }
    let exponent = hasSign ? parts[1].dropFirst() : parts[1]
    let isNumber = { (text: Substring) in
      !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
    }
    return isNumber(exponent) && mantissa.count <= 2 && mantissa.allSatisfy(isNumber)
  }

  private static func isRounded(_ name: String) -> Bool {
    name.count > 15 && name.allSatisfy { $0.isASCII && $0.isNumber }
      && name.dropFirst(15).allSatisfy { $0 == "0" }
  }

  private static let errorValues: Set<String> = [
    "#N/A", "#NV", "#VALUE!", "#WERT!", "#REF!", "#BEZUG!", "#NAME?", "#DIV/0!", "#NUM!", "#ZAHL!",
    "#NULL!", "#SPILL!",
  ]

  private static let missingWords: Set<String> = [
    "na", "n/a", "nan", "none", "null", "nil", "unknown", "unbekannt", "missing", "fehlt", "?", "-",
    "--", ".",
  ]
}
