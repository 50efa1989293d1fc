import FederatedCore
import FederatedTesting
import Synchronization

/// A trainer that counts what it computes. Its results depend on the model alone and are those of 20
/// patients.
public final class CountingTrainer: LocalTrainer {
  private let count = Mutex(0)
  private let offset = Mutex<Float>(0)

  public init() {}

  /// The number of trainings and evaluations.
  public var computed: Int { count.withLock(\.self) }

  /// Lets all later trainings have another result, as another version of an engine might.
  public func shift(by value: Float) { offset.withLock { $0 = value } }

  public func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let shift = offset.withLock(\.self)
    let values = global.values.map { 2 * $0 + shift }
    return LocalResult(
      delta: ModelParameters(layout: global.layout, values: values),
      summary: TrainingSummary(
        exampleCount: 40, stepCount: 5, loss: 0.5, seconds: Double(number),
        patients: TrainingPatients(trained: .madeUp(20))))
  }

  public func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    count.withLock { $0 += 1 }
    return SiteEvaluation(
      patientCount: 20, exampleCount: 40, loss: Double(model.values[0]),
      metrics: [MetricEstimate(name: "auc", value: 0.7, patientCount: 20)]
    ).withMadeUpPatients()
  }
}
