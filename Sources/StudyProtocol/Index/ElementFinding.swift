import FederatedCore

/// A problem with a site's data: a violation of the study's common data elements, or a sign of one.
///
/// The message and the places never contain a patient's value. The property `values` contains patients'
/// values. It is removed before a finding leaves the process, unless the site's own terminal asked for it.
public struct ElementFinding: Sendable, Codable, Equatable {
  /// The severity. An error keeps the site from training.
  public enum Severity: String, Sendable, Codable { case error, warning }

  /// The rule that was broken.
  public enum Rule: String, Sendable, Codable, CaseIterable {
    case mapping, required, range, number, code, file, duplicate, empty
    case fewGroups = "few-groups"
    case oneClass = "one-class"
    case part, table, identifier, constant, leak, sentinel
  }

  public var severity: Severity
  public var site: SiteID
  public var rule: Rule
  /// The name of the element concerned, if any.
  public var element: String?
  /// The number of records concerned.
  public var records: Int
  /// The message: what is wrong, what was expected and what to do.
  public var message: String
  /// The first few table lines or files, relative to the data root.
  public var places: [String]
  /// The first few distinct values that broke the rule; empty if no values are worth showing.
  public var values: [String]

  public init(
    _ severity: Severity, site: SiteID, rule: Rule, element: String? = nil, records: Int, message: String,
    places: [String] = [], values: [String] = []
  ) {
    self.severity = severity
    self.site = site
    self.rule = rule
    self.element = element
    self.records = records
    self.message = message
    self.places = places
    self.values = values
  }
}
