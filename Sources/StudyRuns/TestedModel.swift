import FederatedCore
import FederatedRuntime
import Reporting
import RunStore

/// A final model with the rounds that made it and how it does on every site's test data.
public struct TestedModel: Sendable {
  public var plan: ArmPlan
  public var outcome: FederationOutcome
  public var model: StoredModel
  public var test: [SiteResult]
  /// How it does on the test patients of all sites put together; nil where the data are not in one place.
  public var together: SiteEvaluation?

  public init(
    plan: ArmPlan, outcome: FederationOutcome, model: StoredModel, test: [SiteResult],
    together: SiteEvaluation? = nil
  ) {
    (self.plan, self.outcome, self.model) = (plan, outcome, model)
    (self.test, self.together) = (test, together)
  }
}
