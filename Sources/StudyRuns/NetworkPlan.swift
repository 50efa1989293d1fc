import FederatedCore
import StudyProtocol

/// What a study's run across machines consists of, alike for the coordinator and the sites.
public struct NetworkPlan: Sendable {
  /// The arm in which each site takes one step before anything counts.
  public static let rehearsal = "rehearsal"
  /// The arm in which final models are evaluated on the sites' test data.
  public static let tests = "tests"

  public let study: Study
  /// In the order of their names.
  public let members: [SiteID]
  /// The arms of the report: the baselines that need no data in one place, and the study's own.
  public let arms: [String]
  public let models: [ArmPlan]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(_ study: Study, members: [SiteID]) throws {
    self.study = study
    self.members = members.sorted()
    arms =
      (study.evaluation.baselines.contains(.local) ? ["local"] : [])
      + [study.federation.workflow.name.rawValue]
    models = try ArmPlan.plans(for: arms, study: study, sites: self.members)
  }

  /// The arms in which a site has a part.
  public func arms(of site: SiteID) -> [String] {
    [Self.rehearsal] + models.filter { members(of: $0).contains(site) }.map(\.name) + [Self.tests]
  }

  /// The sites that make a model.
  public func members(of plan: ArmPlan) -> [SiteID] {
    if case .local(let site) = plan.members { [site] } else { members }
  }

  /// The algorithm of an arm.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func workflow(of arm: String) throws(ConsiliumError) -> Study.Workflow {
    arm == Self.rehearsal ? study.federation.workflow : try model(of: arm).workflow
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that makes no model of this study.
  func model(of arm: String) throws(ConsiliumError) -> ArmPlan {
    guard let plan = models.first(where: { $0.name == arm }) else {
      throw ConsiliumError(.invalidInput, "the study has no arm '\(arm.prefix(80))'")
    }
    return plan
  }
}
