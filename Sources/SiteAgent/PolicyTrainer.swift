import FederatedCore
import Foundation
import ParameterFiles
import StudyProtocol

/// A trainer that works only when the site's policy lets it, and lets out only what the policy allows.
struct PolicyTrainer<Base: LocalTrainer>: LocalTrainer {
  let base: Base
  let policy: SitePolicy
  let now: @Sendable () -> Date
  let log: @Sendable (String) -> Void
  /// Computes intervals if replicates stay at the site; `nil` if nothing is tested.
  var intervals: PairedIntervals?

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await waitForHours()
    var result = try await inside { try await base.train(from: global, following: instruction) }
    result.summary = policy.filter(result.summary)
    return result
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await waitForHours()
    var evaluation = try await inside { try await base.evaluate(model, on: part) }
    if part == .test, policy.release.intervals, !policy.release.replicates, let intervals {
      let digest = ParameterDigest.sha256(of: model)
      evaluation = try await inside { try await intervals.add(evaluation, of: digest) }
    }
    return policy.filter(evaluation)
  }

  /// Keeps the words of what fails at this site; a full disk is none of the coordinator's business at all, and is waited for.
  private func inside<R>(_ body: () async throws -> R) async throws -> R {
    do {
      return try await body()
    } catch let error as ConsiliumError where error.code != .cancelled && error.code != .storage {
      log(error.message)
      throw error.outward
    }
  }

  private func waitForHours() async throws {
    while !policy.mayTrain(at: now()) {
      let opening = policy.nextOpening(after: now())
      // At most a minute at a time, so that a clock that is set is noticed.
      try await Task.sleep(for: .seconds(min(60, max(1, opening.timeIntervalSince(now())))))
    }
  }
}
