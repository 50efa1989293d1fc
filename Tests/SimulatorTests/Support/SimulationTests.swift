import FederatedRuntime
import Foundation
import Testing

/// Whole simulations with real engine processes, one after another, since each fills the machine.
///
/// A build of the whole package leaves the engine program beside the tests.
@Suite(
  .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)))
enum SimulationTests {}
