import FederatedCore
import FederatedRuntime

/// How the run of an arm ended.
public enum ArmEnding: Sendable {
  case finished(FederationOutcome)
  /// The arm failed because a required site was missing from a round. The other arms continue.
  case failed(ArmPlan, ConsiliumError)

  public var outcome: FederationOutcome? { if case .finished(let outcome) = self { outcome } else { nil } }

  public var failure: (plan: ArmPlan, error: ConsiliumError)? {
    if case .failed(let plan, let error) = self { (plan, error) } else { nil }
  }

  /// Runs all arms side by side.
  ///
  /// - Returns: The endings in the order of the plans.
  /// - Throws: The errors of `run`, except `.partial`, which ends only its own arm.
  public static func ofAll(
    _ plans: [ArmPlan], _ run: @escaping @Sendable (ArmPlan) async throws -> FederationOutcome
  ) async throws -> [(plan: ArmPlan, ending: ArmEnding)] {
    try await withThrowingTaskGroup(of: (Int, ArmEnding).self) { group in
      for (index, plan) in plans.enumerated() {
        group.addTask {
          do {
            return (index, .finished(try await run(plan)))
          } catch let error as ConsiliumError where error.code == .partial {
            return (index, .failed(plan, error))
          }
        }
      }
      var endings = try await group.reduce(into: []) { $0.append($1) }
      endings.sort { $0.0 < $1.0 }
      return endings.map { (plans[$0.0], $0.1) }
    }
  }
}

extension Result where Failure == any Error {
  /// Runs an asynchronous body and stores its value or its error. The caller can do further work before
  /// unwrapping the result, whether or not the body failed.
  public init(
    isolation: isolated (any Actor)? = #isolation, awaiting body: () async throws -> Success
  ) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
