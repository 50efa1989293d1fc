import ArgumentParser
import CoordinatorService
import FederatedCore
import FederatedRuntime
import Foundation

/// The arguments for the engine with which a coordinator hosts the middle of split models.
struct HostEngineInput: ParsableArguments {
  @Flag(help: "Host the middle of split models (federation.split). Needs the package consilium-engine.")
  var engine = false

  @Option(
    help: ArgumentHelp(
      "The worker program of the engine. (default: consilium-worker next to this program)", valueName: "file")
  )
  var worker: String?

  @Option(help: "The device of the engine: cpu, cuda or cuda:N.")
  var device = "cpu"

  func validate() throws {
    if worker != nil, !engine { throw ValidationError("--worker is for --engine") }
    guard device.wholeMatch(of: /cpu|cuda(:[0-9]+)?/) != nil else {
      throw ValidationError("--device must be cpu, cuda or cuda:N")
    }
  }

  /// The engine; `nil` without `--engine`.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if its program is not there.
  func resolve() throws(ConsiliumError) -> CoordinatorConfiguration.Engine? {
    guard engine else { return nil }
    let program = worker.map { URL(fileURLWithPath: $0) } ?? WorkerConfiguration.besideThisProgram()
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      throw ConsiliumError(
        .unavailable,
        "there is no engine at \(program.path); install the package consilium-engine, or name the program with --worker"
      )
    }
    return CoordinatorConfiguration.Engine(worker: program, device: device)
  }
}
