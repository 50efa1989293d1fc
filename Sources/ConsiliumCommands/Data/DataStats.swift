import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol

struct DataStats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Summarise each element of the study at each site.",
    discussion: """
      Numbers as mean, standard deviation and range; categories as counts. For the site's own staff only: small counts may \
      identify a person. Use 'consilium data index' for sites whose table is an npz file.
      """)

  @OptionGroup var input: StudyInput

  @Option(help: ArgumentHelp("Summarise one site only.", valueName: "name"))
  var site: String?

  @Flag(help: "Print one JSON object per line: an element at a site.")
  var json = false

  /// A sentence about the records that a site's summary leaves out; `nil` if there are none.
  static func note(of index: SiteIndex) -> String? {
    let leftOut = index.rowCount - index.records.count
    if index.records.isEmpty {
      return "site \(index.site.name): nothing was read: "
        + (index.rowCount == 0 ? "its table has no rows" : "all \(index.rowCount) records were left out")
    }
    guard leftOut > 0 else { return nil }
    return "site \(index.site.name): \(leftOut) of \(index.rowCount) records left out; "
      + "'consilium data check' gives the reasons"
  }

  func run() throws {
    let console = Console.current
    let input = try input.resolve(environment: console.environment)
    var summaries: [ElementSummary] = []
    for site in try input.sites(named: site) {
      let index = try SiteIndex(reading: site, for: input.study, dataRoot: input.dataRoot)
      if let note = Self.note(of: index) { console.printError(note.onOneLine) }
      guard !index.records.isEmpty else { continue }
      summaries += input.study.elements.map { ElementSummary(of: $0, site: site.name, in: index.records) }
    }
    guard !summaries.isEmpty else {
      throw ConsiliumError(
        .invalidInput, "nothing was read; 'consilium data check' gives the reasons")
    }
    if json {
      for summary in summaries { console.print(JSONLine.encode(summary)) }
    } else {
      console.print(
        AlignedTable.align([["site", "element", "records", "missing", ""]] + summaries.map(\.cells)))
    }
  }
}

/// A summary of one element over the records of a site.
struct ElementSummary: Encodable {
  struct Numbers: Encodable {
    var mean: Double
    /// The sample standard deviation, with n − 1 in the denominator; 0 for a single number.
    var standardDeviation: Double
    var low: Double
    var high: Double
  }

  struct Count: Encodable {
    var value: String
    var records: Int
  }

  var site: SiteID
  var element: String
  /// The number of records that have a value.
  var records: Int
  var missing: Int
  var numbers: Numbers?
  /// The counts of the values, in the order of the study.
  var counts: [Count]
  var unit: String?

  init(of element: CommonDataElement, site: SiteID, in records: [Record]) {
    let values = records.map { $0[element.name] }
    self.site = site
    self.element = element.name
    unit = element.unit
    missing = values.count { $0 == .missing }
    self.records = values.count - missing
    numbers = Self.numbers(
      values.compactMap { if case .number(let number) = $0 { number } else { nil } })
    counts =
      element.kind != .category
      ? []
      : element.values.enumerated().map { index, value in
        Count(value: value.label, records: values.count { $0 == .category(index) })
      }
  }

  private static func numbers(_ values: [Double]) -> Numbers? {
    guard let low = values.min(), let high = values.max() else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return Numbers(
      mean: mean, standardDeviation: (squares / Double(max(1, values.count - 1))).squareRoot(), low: low,
      high: high)
  }

  var cells: [String] {
    var text = counts.map { "\($0.value) \($0.records)" }.joined(separator: ", ")
    if let numbers {
      let unit = unit.map { " " + $0 } ?? ""
      text =
        String(
          format: "%.4g (SD %.3g), %.4g to %.4g", numbers.mean, numbers.standardDeviation, numbers.low,
          numbers.high) + unit
    }
    return [site.rawValue, element, String(records), String(missing), text]
  }
}
