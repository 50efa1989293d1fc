import ArgumentParser
import FederatedCore
import FederatedRuntime
import Foundation
import StudyProtocol
import StudyRuns
import WorkerProtocol

struct StudyPlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Forecast bytes, time, memory and who sees what, for every way to train the study's model.",
    discussion: """
      Compares a coordinator, a swarm, cyclic transfer and split learning at each cut. The ways of a star give one model and those of a ring \
      another, so choose by trust, bytes and machines, not by accuracy. The engine measures the model and a training step with the data of \
      the first site; the link is an assumption, which you can change. Needs no network.
      """)

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @Option(help: ArgumentHelp("The upload rate of each site, in Mbit/s.", valueName: "rate"))
  var upload = 20.0

  @Option(help: ArgumentHelp("The download rate of each site, in Mbit/s.", valueName: "rate"))
  var download = 50.0

  @Option(help: ArgumentHelp("The time of a round trip, in milliseconds.", valueName: "time"))
  var latency = 20.0

  @Flag(help: "Print one JSON object a line: a way to train.")
  var json = false

  func validate() throws {
    guard upload > 0, upload.isFinite else { throw ValidationError("--upload must be above 0") }
    guard download > 0, download.isFinite else { throw ValidationError("--download must be above 0") }
    guard latency >= 0, latency.isFinite else { throw ValidationError("--latency must not be negative") }
  }

  func run() async throws {
    let console = Console.current
    let input = try input.resolve(environment: console.environment)
    let (sizes, examples) = try await engine.withEngine { try await Self.measure(input, on: $0) }
    let forecast = StudyForecast(
      input.study, sizes: sizes, examples: examples.map(\.count),
      link: Link(upload: upload * 125_000, download: download * 125_000, roundTrip: latency / 1000))
    guard !json else {
      for way in forecast.ways { console.print(JSONLine.encode(WayLine(way))) }
      return
    }
    let largest = examples.max { ($0.count, $1.site) < ($1.count, $0.site) }
    console.write(
      PlanText(forecast.ways, study: input.study, sizes: sizes, largest: largest, link: linkText).text)
  }

  private var linkText: String {
    "\(upload.formatted()) Mbit/s up, \(download.formatted()) Mbit/s down, \(latency.formatted()) ms a round trip"
  }

  /// The number of training examples of a site.
  struct SiteExamples: Sendable {
    var site: SiteID
    var count: Int
  }

  /// The sizes of the model, and the number of training examples of each site.
  private static func measure(_ input: StudyInput.Resolved, on pool: WorkerPool) async throws
    -> (ModelSizes, [SiteExamples])
  {
    let study = try input.study.canonicalJSON()
    var examples: [SiteExamples] = []
    var sizes: ModelSizes?
    for site in input.sites.sorted(by: { $0.name < $1.name }) {
      let session = OpenSession(
        session: site.name.rawValue, study: study, sites: [try site.canonicalJSON()],
        dataRoot: input.dataRoot.path, seed: input.study.header.seed, cacheBytes: 1 << 28)
      let description = try await pool.open(session)
      guard let count = description.parts.first(where: { $0.part == .training })?.examples, count > 0 else {
        throw ConsiliumError(
          .invalidInput,
          "site '\(site.name)' has no training examples; 'consilium data check' gives the reasons")
      }
      examples.append(SiteExamples(site: site.name, count: count))
      if sizes == nil { sizes = try await pool.measure(session) }
    }
    guard let sizes else { throw ConsiliumError(.invalidInput, "the study has no sites") }
    return (sizes, examples)
  }
}

/// A line that `study plan --json` prints: the costs of a way to train.
struct WayLine: Encodable {
  var arm: String
  var cut: String?
  var bytes: Int
  var seconds: Double
  var siteMemory: Int
  var exposure: String

  init(_ way: WayForecast) {
    arm = way.arm
    cut = way.cut
    bytes = Int(way.bytes)
    seconds = way.seconds
    siteMemory = Int(way.siteMemory)
    exposure = way.exposure
  }
}
