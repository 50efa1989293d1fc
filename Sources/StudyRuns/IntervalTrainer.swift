import FederatedCore
import ParameterFiles

/// A trainer that adds confidence intervals to test results, so that no bootstrap replicates need to leave
/// the site.
public struct IntervalTrainer<Base: LocalTrainer>: LocalTrainer {
  let base: Base
  let intervals: PairedIntervals?

  /// - Parameter intervals: `nil` unless the site sends intervals instead of replicates.
  public init(base: Base, intervals: PairedIntervals?) {
    self.base = base
    self.intervals = intervals
  }

  public func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await base.train(from: global, following: instruction)
  }

  public func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    let evaluation = try await base.evaluate(model, on: part)
    guard part == .test, let intervals else { return evaluation }
    return try await intervals.add(evaluation, of: ParameterDigest.sha256(of: model))
  }

  public func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
    try await base.statistics(question)
  }
}
