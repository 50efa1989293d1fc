import ArgumentParser
import FederatedCore
import StudyProtocol

struct DataIndex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract:
      "Count each site's patients (or the study's unit) and examples in training, validation and test.",
    discussion: """
      Reads the data as a run does before it trains, including images, since the slices of a volume are examples, and \
      describes them. 'consilium data check' reports problems.
      """)

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @Option(help: ArgumentHelp("Count one site only.", valueName: "name"))
  var site: String?

  @Flag(
    help:
      "Show the range of each image's and number's values, and the first and last date; for this terminal only."
  )
  var showValues = false

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func run() async throws {
    let console = Console.current
    let input = try input.resolve(environment: console.environment)
    let sites = try input.sites(named: site)
    let checks = try await engine.withEngine { engine in
      var checks: [SiteCheckOutput] = []
      for site in sites {
        let session = try await engine.open(try input.session(of: site, showsValues: showValues))
        checks.append(SiteCheckOutput(site: site.name, session))
      }
      return checks
    }
    if json {
      for check in checks { console.print(JSONLine.encode(check)) }
    } else {
      console.print(Self.table(of: checks))
      for check in checks {
        guard let lines = check.facts.map({ SiteFactsText($0).lines }), !lines.isEmpty else { continue }
        console.print(
          "\nsite \(check.site.rawValue.onOneLine)\n" + lines.map { "  " + $0 }.joined(separator: "\n"))
      }
    }
  }

  /// A table with one line per site: the number of patients (or other units of analysis) and, in brackets,
  /// the number of examples.
  static func table(of checks: [SiteCheckOutput]) -> String {
    let unit = checks.first?.unit ?? .patient
    let head = ["site (\(unit.plural))"] + DataPart.allCases.map(\.rawValue) + ["findings"]
    return AlignedTable.align(
      [head]
        + checks.map { check in
          let counts = DataPart.allCases.map { part in
            check.parts.first { $0.part == part }.map { "\($0.patients) (\($0.examples))" } ?? "–"
          }
          return [check.site.rawValue] + counts + [String(check.findings.count)]
        })
  }
}
