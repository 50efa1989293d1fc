import FederatedCore
import FederatedRuntime
import Reporting
import RunStore
import StudyProtocol

/// The part of the program that carries out the steps of a study: on one machine with all sites' data, or at
/// a coordinator with sites on the network.
///
/// ``StudyDriver`` decides which steps to take and in which order; a host carries them out. Every method
/// stores its finished work in the run's store, so that a repeated call after a crash does only the rest.
public protocol StudyHost: Sendable {
  /// Makes the checks that concern the sites together, before anything trains.
  ///
  /// - Returns: further findings in the data.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the study cannot run with these sites.
  func prepare(_ plans: [ArmPlan]) async throws -> [DataFinding]

  /// The weights from which every arm starts.
  func initialModel() async throws -> ModelParameters

  /// Called once the initial weights are in the run's folder.
  func didStore(initial: StoredModel) async throws

  /// Collects statistics of the sites' data. Called only if the study asks for them.
  ///
  /// - Throws: ``ConsiliumError`` with code `.partial` if too few sites answer; the study continues without
  ///   statistics.
  func statistics(_ initial: InitialModel) async throws -> StudyStatistics

  /// Trains one step at every site and discards the result.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if a required site fails; the study can be
  ///   resumed.
  func rehearse(from initial: InitialModel) async throws

  /// Runs the rounds of an arm that the run's store does not hold yet.
  ///
  /// - Throws: ``ConsiliumError``: `.partial` ends this arm only, every other code ends the run.
  func run(_ arm: ArmPlan, from initial: InitialModel) async throws -> FederationOutcome

  /// Evaluates the final models on the sites' test data.
  ///
  /// - Returns: the results in the order of the models.
  func test(_ models: [FinalModel]) async throws -> [TestedModel]

  /// Evaluates several models as one on the sites' test data.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if this host cannot do that.
  func test(_ models: [StoredModel], combinedBy fusion: ModelFusion, as arm: ArmPlan) async throws
    -> TestedModel

  /// Test images with the predictions of a model, for the report; empty if the images stay at the sites.
  func panels(of model: TestedModel) async throws -> [PanelImage]

  /// The programs and machines that ran the study.
  func environment(started: String) async throws -> EnvironmentRecord
}

extension StudyHost {
  public func prepare(_ plans: [ArmPlan]) async throws -> [DataFinding] { [] }
  public func didStore(initial: StoredModel) async throws {}
  public func rehearse(from initial: InitialModel) async throws {}
  public func test(_ models: [StoredModel], combinedBy fusion: ModelFusion, as arm: ArmPlan) async throws
    -> TestedModel
  {
    throw ConsiliumError(.invalidInput, "the arm '\(arm.name)' runs only in a simulation")
  }
  public func panels(of model: TestedModel) async throws -> [PanelImage] { [] }
}

/// The weights from which every arm starts, and their file.
public struct InitialModel: Sendable {
  public let parameters: ModelParameters
  public let stored: StoredModel
}
