import FederatedAlgorithms
import FederatedCore
import StudyProtocol

/// The arms and members of a study's run across machines; the same for the coordinator and the sites.
public struct NetworkPlan: Sendable {
  /// The rehearsal arm: each site trains one step, and the result is discarded.
  public static let rehearsal = "rehearsal"
  /// The arm in which final models are evaluated on the sites' test data.
  public static let tests = "tests"

  /// The arm in which sites report statistics of their data.
  public static let statistics = "statistics"

  public let study: Study
  /// The sites in the order of their names.
  public let members: [SiteID]
  /// The arms of the report: the baseline `local`, if the study has it, and the study's workflow. Pooled
  /// baselines are left out, since they need the data in one place.
  public let arms: [String]
  public let models: [ArmPlan]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(_ study: Study, members: [SiteID]) throws {
    guard study.federation.swarm == nil else {
      throw ConsiliumError(
        .invalidInput,
        "federation.swarm: a swarm runs only in 'consilium simulate' so far; without this key, a coordinator runs the study"
      )
    }
    self.study = study
    self.members = members.sorted()
    arms =
      (study.evaluation.baselines.contains(.local) ? ["local"] : [])
      + [study.federation.workflow.name.rawValue]
    models = try ArmPlan.plans(for: arms, study: study, sites: self.members).map { plan in
      // A site's own model is trained at the site alone.
      guard study.federation.split != nil, plan.members == .federated else { return plan }
      var plan = plan
      plan.way = .split
      return plan
    }
  }

  /// The arms in which a site takes part.
  public func arms(of site: SiteID) -> [String] {
    (study.report.statistics ? [Self.statistics] : []) + [Self.rehearsal]
      + models.filter { members(of: $0).contains(site) }.map(\.name) + [Self.tests]
  }

  /// The sites that train the model of a plan.
  public func members(of plan: ArmPlan) -> [SiteID] {
    if case .local(let site) = plan.members { [site] } else { members }
  }

  /// The algorithm of an arm.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func workflow(of arm: String) throws(ConsiliumError) -> Study.Workflow {
    arm == Self.rehearsal ? rehearsed : try model(of: arm).workflow
  }

  /// The workflow of the rehearsal, in which each site takes a single step.
  private var rehearsed: Study.Workflow {
    let own = study.federation.workflow
    return own.name.descriptor.exchange == .ring ? Study.Workflow(name: .cyclic) : own
  }

  /// The strategy and the topology of an arm. In the rehearsal, every site takes part.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for an arm that the study does not have.
  public func algorithm(of arm: String) throws(ConsiliumError) -> FederatedAlgorithms.Workflow {
    arm == Self.rehearsal ? rehearsed.algorithm() : try model(of: arm).algorithm(in: study, sites: members)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the study trains no model in this arm.
  func model(of arm: String) throws(ConsiliumError) -> ArmPlan {
    guard let plan = models.first(where: { $0.name == arm }) else {
      throw ConsiliumError(.invalidInput, "the study has no arm '\(arm.prefix(80))'")
    }
    return plan
  }
}
