import FederatedCore
import FederatedRuntime
import Reporting
import RunStore

/// The final model of an arm, and its file.
public struct FinalModel: Sendable {
  public var plan: ArmPlan
  public var outcome: FederationOutcome
  public var model: StoredModel

  public init(plan: ArmPlan, outcome: FederationOutcome, model: StoredModel) {
    self.plan = plan
    self.outcome = outcome
    self.model = model
  }
}

/// A final model with its rounds and its results on every site's test data.
public struct TestedModel: Sendable {
  public var plan: ArmPlan
  /// The records of all rounds of the arm; empty if the arm has none.
  public var records: [RoundRecord]
  public var model: StoredModel
  public var test: [SiteResult]
  /// The result on all sites' test patients as one group; `nil` unless all data are in one place.
  public var together: SiteEvaluation?

  public init(
    plan: ArmPlan, records: [RoundRecord], model: StoredModel, test: [SiteResult],
    together: SiteEvaluation? = nil
  ) {
    self.plan = plan
    self.records = records
    self.model = model
    self.test = test
    self.together = together
  }

  public init(_ final: FinalModel, test: [SiteResult], together: SiteEvaluation? = nil) {
    self.init(
      plan: final.plan, records: final.outcome.records, model: final.model, test: test, together: together)
  }
}
