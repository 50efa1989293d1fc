import FederatedCore
import Foundation
import StudyProtocol

/// A trainer that works only during the hours of the site's policy.
struct PolicyTrainer<Base: LocalTrainer>: LocalTrainer {
  let base: Base
  let policy: SitePolicy
  let now: @Sendable () -> Date

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await waitForHours()
    return try await base.train(from: global, following: instruction)
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await waitForHours()
    return try await base.evaluate(model, on: part)
  }

  func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
    try await waitForHours()
    return try await base.statistics(question)
  }

  private func waitForHours() async throws {
    while !policy.mayTrain(at: now()) {
      let opening = policy.nextOpening(after: now())
      // Sleep at most a minute at a time, so that a change of the clock is noticed.
      try await Task.sleep(for: .seconds(min(60, max(1, opening.timeIntervalSince(now())))))
    }
  }
}
