import FederatedCore

/// Collects the problems of single records into one finding per rule, element and message.
struct FindingLog {
  /// The maximum number of places, and of distinct values, that a finding names.
  static let placeCount = 5

  let site: SiteID
  private(set) var findings: [ElementFinding] = []

  init(site: SiteID) { self.site = site }

  mutating func add(
    _ severity: ElementFinding.Severity, _ rule: ElementFinding.Rule, element: String? = nil,
    records: Int = 1,
    message: String, places: [String] = [], values: [String] = []
  ) {
    let same = findings.firstIndex {
      $0.severity == severity && $0.rule == rule && $0.element == element && $0.message == message
    }
    guard let same else {
      let distinct: [String] = values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      findings.append(
        ElementFinding(
          severity, site: site, rule: rule, element: element, records: records, message: message,
          places: Array(places.prefix(Self.placeCount)), values: Array(distinct.prefix(Self.placeCount))))
      return
    }
    findings[same].records += records
    findings[same].places += places.prefix(Self.placeCount - findings[same].places.count)
    for value in values
    where findings[same].values.count < Self.placeCount && !findings[same].values.contains(value) {
      findings[same].values.append(value)
    }
  }
}
