import ArgumentParser
import FederatedCore
import FederatedTransport
import Foundation
import Reporting
import Simulator

struct StudyStatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Count what the sites' data hold, per site and together, without a number of few patients.",
    discussion: """
      Numbers as mean, standard deviation, quantiles and histogram, classes and labels as shares, images as spacing, size and \
      intensities. No number, and no difference of two, is of fewer patients than a site's policy lets out together \
      (release.minimum-patients). Each simulated site answers through its gate, as its agent would.

      With the ID of a study that ran across hospitals, it prints the statistics that the sites sent before the first round, if the study \
      asks for them (report: {statistics: true}).
      """)

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @OptionGroup var party: PartyInput

  @Option(
    help: ArgumentHelp(
      "A site policy: FILE for all sites, SITE=FILE for one; may be given several times. (default: the default policy, at least 10 patients)",
      valueName: "file"))
  var policy: [String] = []

  @Option(
    help: ArgumentHelp(
      "A finished run of the study; the statistics are added to its report, as a section with figures.",
      valueName: "run"))
  var report: String?

  @Flag(help: "Print one JSON object a line: an item at all sites.")
  var json = false

  func run() async throws {
    let console = Console.current
    if !FileManager.default.fileExists(atPath: input.study), isStudyID(console.environment) {
      try write(try await fetched(id: input.study), page: nil, to: console)
      return
    }
    let input = try input.resolve(environment: console.environment)
    let simulated = SimulatedStatistics(
      study: input.study, sites: input.sites, dataRoot: input.dataRoot,
      policies: try PolicyOption(values: policy).policies(of: input.sites.map(\.name)))
    let statistics = try await engine.withEngine { pool in
      try await withScratchFolder { try await simulated.run(on: pool, scratch: $0) }
    }
    let page = try report.map { try Self.add(statistics, to: $0) }
    try write(statistics, page: page, to: console)
  }

  private func write(_ statistics: StudyStatistics, page: URL?, to console: Console) throws {
    guard json else {
      console.write(StatisticsText(statistics, width: console.width).text)
      if let page { console.print("\n\(page.path)") }
      return
    }
    for item in statistics.items { console.print(JSONLine.encode(StatisticsLine(item, statistics.sites))) }
  }

  /// Whether the argument names a study at a coordinator instead of a file.
  private func isStudyID(_ environment: [String: String]) -> Bool {
    (party.coordinator ?? environment["CONSILIUM_COORDINATOR"]) != nil && !input.study.contains("/")
      && !input.study.hasSuffix(".yaml")
  }

  /// The statistics of a study that ran across hospitals, from its results.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the study has no results yet or asks for no
  ///   statistics.
  private func fetched(id: String) async throws -> StudyStatistics {
    try await withScratchFolder { folder in
      try await party.withLink { link, _ in
        let client = AdministrationClient(link)
        guard let table = try await client.results(of: id).files.first(where: { $0.path == "report.json" })
        else {
          throw ConsiliumError(
            .unavailable, "study '\(id)' has no results yet; its statistics are fetched with them")
        }
        let store = try BlobStore(folder.appending(path: "transfer"))
        try await client.fetch(table.blob, of: id, into: store)
        let target = folder.appending(path: "report.json")
        try FileManager.default.moveItem(at: store.url(of: table.blob), to: target)
        guard let statistics = try Report(run: folder.path).results.statistics else {
          throw ConsiliumError(
            .unavailable,
            "study '\(id)' has no statistics; a study asks its sites for them with report: {statistics: true}"
          )
        }
        return statistics
      }
    }
  }

  /// Writes the report of a run again, with the statistics.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the run belongs to a different study.
  private static func add(_ statistics: StudyStatistics, to run: String) throws -> URL {
    var results = try Report(run: run).results
    guard results.study.name == statistics.study else {
      throw ConsiliumError(
        .invalidInput,
        "\(run) is a run of the study '\(results.study.name)', not of '\(statistics.study)'; name a run of the same study"
      )
    }
    results.statistics = statistics
    return try Report(results).write(to: URL(fileURLWithPath: run, isDirectory: true))
  }
}

/// A line that `study statistics --json` prints: an item with the figures of each site.
struct StatisticsLine: Encodable {
  struct Site: Encodable {
    var site: SiteID
    /// The number of counted units; 0 if the site releases nothing.
    var patients: Int
    var minimum: Int
    var note: String?
    var figures: StudyStatistics.Figures?
  }

  var item: String
  var kind: StudyStatistics.Item.Kind
  var unit: String?
  var labels: [String]
  /// The lower and the upper end of the range that the item's bins cover.
  var range: [Double]?
  var sites: [Site]
  var pooled: StudyStatistics.Figures?

  init(_ item: StudyStatistics.Item, _ sites: [StudyStatistics.Site]) {
    self.item = item.title
    kind = item.kind
    unit = item.unit
    labels = item.labels
    range = item.range.map { [$0.low, $0.high] }
    self.sites = zip(sites, item.sites).map {
      Site(
        site: $0.site, patients: $0.patients, minimum: $0.minimum, note: $0.note, figures: $1)
    }
    pooled = item.pooled
  }
}
