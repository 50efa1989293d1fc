/// A problem in a site's data, such as an unreadable image or a value that a data element does not allow.
/// Never holds a patient's value.
public struct DataFinding: Sendable, Codable, Equatable {
  public enum Severity: String, Sendable, Codable { case error, warning }

  public var severity: Severity
  public var site: SiteID
  /// The name of the element, if the finding concerns one.
  public var element: String?
  /// The number of records concerned; `nil` if it is so small that the site's policy withholds it.
  public var records: Int?
  /// The message: what is wrong, what was expected and what to do.
  public var message: String
  /// The first few files or table lines, relative to the data root.
  public var places: [String]
  /// The first few distinct values that broke the rule, for the site's own terminal. `nil` unless the session
  /// was opened with `showsValues`.
  public var values: [String]?

  public init(
    severity: Severity, site: SiteID, element: String?, records: Int?, message: String, places: [String] = [],
    values: [String]? = nil
  ) {
    self.severity = severity
    self.site = site
    self.element = element
    self.records = records
    self.message = message
    self.places = places
    var seen: Set<String> = []
    let distinct = values?.filter { seen.insert($0).inserted }
    self.values = distinct.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The finding for use beyond the site's own terminal: without values, but with the name of the option that
  /// shows them.
  public func withoutValues() -> Self {
    guard values != nil else { return self }
    var finding = self
    finding.values = nil
    finding.message += "; 'consilium data check --show-values' shows what was found"
    return finding
  }
}

extension DataFinding: CustomStringConvertible {
  /// The finding on one line: `element 'age', 3 records: is above 120 (table.csv:14, …)`.
  public var description: String {
    let what = [element.map { "element '\($0)'" }, count].compactMap(\.self).joined(separator: ", ")
    let text =
      (what.isEmpty ? "" : what + ": ") + message + (found.map { "; \($0)" } ?? "")
      + (list.map { " \($0)" } ?? "")
    return text.onOneLine
  }

  /// The number of records and the places of the finding at its site, such as `3 records (table.csv:14, …)`;
  /// `nil` if the finding has neither.
  public var extent: String? {
    let parts = [[count, found].compactMap(\.self).joined(separator: "; "), list ?? ""].filter { !$0.isEmpty }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  private var count: String? {
    switch records {
    case nil: "a few records"
    case 0: nil
    case 1: "1 record"
    case .some(let count): "\(count) records"
    }
  }

  private var list: String? { places.isEmpty ? nil : "(\(places.joined(separator: ", ")))" }

  private var found: String? {
    values.map { values in "found: " + values.map { FoundValue.quoted($0) }.joined(separator: ", ") }
  }
}
