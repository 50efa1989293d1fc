import FederatedCore
import Foundation

/// One study on one machine: data checks, all arms, the evaluation matrix and the report.
public struct Simulation: Sendable {
  public let configuration: SimulationConfiguration

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the arms or the sites do not fit the study.
  public init(_ configuration: SimulationConfiguration) throws { self.configuration = configuration }

  /// Runs what the run folder does not hold yet.
  ///
  /// - Throws: ``ConsiliumError``; after `.cancelled` and every crash the run folder can be resumed.
  public func run(events: @escaping SimulationEventHandler = { _ in }) async throws -> SimulationOutcome {
    throw ConsiliumError(.unavailable, "the simulator is being built")
  }
}
