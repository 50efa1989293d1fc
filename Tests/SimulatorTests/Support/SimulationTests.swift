import FederatedRuntime
import Foundation
import Testing

/// Whole simulations with real workers, one after another, since each uses the whole machine.
///
/// A build of the whole package puts the worker program next to the tests.
@Suite(
  .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)))
enum SimulationTests {}
