import ArgumentParser
import FederatedCore
import Foundation
import Reporting
import Simulator
import StudyProtocol
import Synchronization

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Run a study with all its sites on this machine.",
    discussion: """
      Checks every site's data, trains each arm, evaluates every model on every site's test data and writes the run \
      folder with report.html. With --resume, it continues after the last finished round.
      """)

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @Option(help: ArgumentHelp("The run folder.", valueName: "run"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "The arms to train, separated by commas: local, pooled, pooled-steps (as many steps as a site takes), pooled-passes (as many passes as the sites make), ensemble (the local models together), ensemble-staple (for masks), \(WorkflowDescriptor.table.map(\.name).joined(separator: ", ")), split and splitfed (the models of cyclic and fedavg, with the middle layers at a host), swarm (the model of fedavg, without a server). (default: the study's baselines and its workflow)",
      valueName: "arms"))
  var arms: String?

  @Option(
    help: ArgumentHelp(
      "A site policy: FILE for all sites, SITE=FILE for one; may be repeated. A simulated site refuses and withholds what its agent would; hours and upload rates do not apply. (default: no policy)",
      valueName: "file"))
  var policy: [String] = []

  @Option(help: "The number of rounds. (default: the study's)")
  var rounds: Int?

  @Option(help: "The number of worker processes. (default: as many as fill the cores)")
  var workers: Int?

  @Option(help: "The seed of all random numbers. (default: the study's)")
  var seed: UInt64?

  @Option(help: "The device for training: cpu, cuda or cuda:N.")
  var device = "cpu"

  @Flag(help: "Resume an existing run folder.")
  var resume = false

  @Flag(help: "Print each event as one JSON object per line.")
  var json = false

  @Flag(help: "Print only the results.")
  var quiet = false

  func validate() throws {
    if let rounds, rounds < 1 { throw ValidationError("--rounds must be at least 1") }
    if let workers, workers < 1 { throw ValidationError("--workers must be at least 1") }
    guard device.wholeMatch(of: /cpu|cuda(:[0-9]+)?/) != nil else {
      throw ValidationError("--device must be cpu, cuda or cuda:N")
    }
  }

  func run() async throws {
    let console = Console.current
    let simulation = try Simulation(try configuration(in: console))
    let progress = ProgressStyle.progress(json: json, quiet: quiet, on: console)
    let hasBegun = Atomic(false)
    let outcome = try await progress.whileRunning {
      try await stoppable(announce: { progress.say("stopping; \(Self.goOn(console))") }) {
        do {
          return try await simulation.run {
            hasBegun.store(true, ordering: .relaxed)
            progress.observe($0)
          }
        } catch var error as ConsiliumError where error.code == .storage || error.code == .engine {
          if hasBegun.load(ordering: .relaxed) { error.message += "\n\(Self.goOn(console))" }
          throw error
        }
      }
    }
    if json {
      console.print(JSONLine.encode(RunEnd(outcome)))
    } else {
      console.write(ResultsText.render(outcome.results, width: console.width))
    }
    if case .partial(_, let reason) = outcome.results.status { throw ConsiliumError(.partial, reason) }
  }

  private func configuration(in console: Console) throws -> SimulationConfiguration {
    var input = try input.resolve(environment: console.environment)
    if let rounds { input.study.federation.rounds = rounds }
    if let seed { input.study.header.seed = seed }
    return SimulationConfiguration(
      study: input.study, studyText: input.studyText, sites: input.sites, dataRoot: input.dataRoot,
      runFolder: URL(fileURLWithPath: out, isDirectory: true),
      arms: arms.map { $0.split(separator: ",").map(String.init) } ?? input.study.arms, workers: workers,
      device: device, resume: resume, workerExecutable: engine.executable,
      initialWeights: input.initialWeights, isGenerated: input.isGenerated,
      policies: try PolicyOption(values: policy).policies(of: input.sites.map(\.name)),
      command: console.commandLine())
  }

  private static func goOn(_ console: Console) -> String {
    "finished rounds are kept. Resume with:\n  \(console.commandLine(adding: "--resume"))"
  }
}
