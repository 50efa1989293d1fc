import FederatedAlgorithms
import FederatedCore
import Reporting
import StudyProtocol

/// The plan for training one model: which sites train it, and how.
public struct ArmPlan: Sendable, Equatable {
  public enum Members: Sendable, Equatable {
    /// One site trains alone.
    case local(SiteID)
    /// The data of all sites are pooled in one place and trained on there.
    case pooled
    /// All sites train together, each on its own data, which do not leave it.
    case federated
    /// The models of the local arm predict together. Nothing is trained.
    case ensemble(ModelFusion)
  }

  /// Where a federated arm's model is computed and its updates are combined. The model is the same for all ways.
  public enum Way: Sendable, Equatable {
    /// Each site trains the whole model, and the coordinator combines the updates.
    case coordinator
    /// As `coordinator`, but a host trains the middle layers of the model (split learning).
    case split
    /// Each site trains the whole model, and in each round another site combines the updates.
    case swarm
  }

  /// The name of the member that represents all sites' data in one place. No site may have this name.
  public static let pooledName = "pooled"

  /// The name in records, files and the command line: `local-HT`, `pooled`, `fedavg`.
  public var name: String
  /// The arm of the report to which the model belongs: `local`, `pooled`, `fedavg`.
  public var group: String
  public var members: Members
  public var workflow: Study.Workflow
  public var way = Way.coordinator
  /// The amount of training of the pooled model in a round.
  public var pooledAmount = PooledAmount.study

  public enum PooledAmount: String, Sendable {
    /// The pooled model trains by the amount that the study sets for a site.
    case study
    /// The pooled model takes as many optimizer steps as a site takes on average.
    case equalSteps
    /// The pooled model makes as many passes over all examples as an example gets, on average, at its own
    /// site.
    case equalPasses
  }

  /// The pooled arms, by name.
  static let pooledArms: [String: PooledAmount] = [
    pooledName: .study, "pooled-steps": .equalSteps, "pooled-passes": .equalPasses,
  ]

  /// The arms that train the model of a workflow in another way, by name.
  static let otherWays: [String: (way: Way, workflow: Study.Workflow.Name)] = [
    "split": (.split, .cyclic), "splitfed": (.split, .fedavg), "swarm": (.swarm, .fedavg),
  ]

  /// The arms that combine the local models, by name: `nil` stands for the usual fusion of the study's task.
  static let ensembleArms: [String: ModelFusion?] = ["ensemble": nil, "ensemble-staple": .staple]

  /// Whether the arm has rounds of its own.
  public var trains: Bool { kind != .ensemble }

  /// Whether the arm with this name puts all sites' data in one place.
  public static func isPooled(_ arm: String) -> Bool { pooledArms[arm] != nil }

  /// The models of the arms, starting with the models that take longest to train.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if an arm is named twice, is neither a baseline
  ///   nor a workflow, or has a workflow that does not support the study's optimizer or number of sites.
  public static func plans(for arms: [String], study: Study, sites: [SiteID]) throws -> [ArmPlan] {
    guard Set(arms).count == arms.count else {
      throw ConsiliumError(.invalidInput, "an arm is named twice in '\(arms.joined(separator: ","))'")
    }
    let baseline = Study.Workflow(name: .fedavg)
    let plans = try arms.flatMap { arm -> [ArmPlan] in
      switch arm {
      case "local":
        return sites.map {
          ArmPlan(name: "local-\($0)", group: arm, members: .local($0), workflow: baseline)
        }
      case _ where pooledArms[arm] != nil:
        return [
          ArmPlan(
            name: arm, group: arm, members: .pooled, workflow: baseline,
            pooledAmount: pooledArms[arm] ?? .study)
        ]
      case _ where ensembleArms[arm] != nil:
        guard arms.contains("local") else {
          throw ConsiliumError(
            .invalidInput, "the arm '\(arm)' combines the models of the arm 'local'; name that arm, too")
        }
        return [
          ArmPlan(
            name: arm, group: arm, members: .ensemble(try fusion(named: arm, in: study)),
            workflow: baseline)
        ]
      default: return [try federated(arm, of: study, sites: sites)]
      }
    }
    return plans.sorted { $0.cost < $1.cost }
  }

  /// The plan of a federated arm. As a swarm or split, a study that asks for it runs its own workflow, if that
  /// has the exchange of the arm.
  private static func federated(_ arm: String, of study: Study, sites: [SiteID]) throws -> ArmPlan {
    let other = otherWays[arm]
    let own = study.federation.workflow.name
    var name = other?.workflow.rawValue ?? arm
    if other?.way == .swarm, let swarm = study.federation.swarm {
      name = own.rawValue
      if let stranger = swarm.mergers.first(where: { !sites.contains($0) }) {
        throw ConsiliumError(
          .invalidInput,
          "federation.swarm.mergers names '\(stranger)', which is not a site of this run; the sites are \(sites.map(\.rawValue).joined(separator: ", "))"
        )
      }
    }
    if other?.way == .split, study.federation.split != nil,
      own.descriptor.exchange == other?.workflow.descriptor.exchange
    {
      name = own.rawValue
    }
    var plan = ArmPlan(
      name: arm, group: arm, members: .federated,
      workflow: try workflow(named: name, of: study, sites: sites.count))
    plan.way = other?.way ?? .coordinator
    if plan.way == .split { _ = try study.splitCut }
    return plan
  }

  /// The fusion of an arm that combines the local models.
  private static func fusion(named arm: String, in study: Study) throws -> ModelFusion {
    switch (study.header.task, ensembleArms[arm] ?? nil) {
    case (.classification, nil): return .mean
    case (.segmentation, let fusion): return fusion ?? .majority
    case (.classification, .some):
      throw ConsiliumError(
        .invalidInput, "the arm '\(arm)' combines masks, and this study has none; choose 'ensemble'")
    case (.survival, _):
      throw ConsiliumError(
        .invalidInput,
        "the arm '\(arm)' cannot run: the risks of models that were trained apart have no common scale")
    }
  }

  /// The workflow of an arm: with the study's own settings if the study names this workflow, otherwise with
  /// the workflow's defaults.
  private static func workflow(named arm: String, of study: Study, sites count: Int) throws
    -> Study.Workflow
  {
    guard let name = Study.Workflow.Name(rawValue: arm) else {
      let known =
        ["local"] + pooledArms.keys.sorted() + ensembleArms.keys.sorted()
        + Study.Workflow.Name.allCases.map(\.rawValue) + otherWays.keys.sorted()
      throw ConsiliumError(
        .invalidInput, "there is no arm '\(arm)'; choose from \(known.joined(separator: ", "))")
    }
    let own = study.federation.workflow
    let workflow = own.name == name ? own : Study.Workflow(name: name)
    // The study's own workflow is checked against the optimizer when its file is read. Studies of earlier
    // versions keep their plan, so that their results stay readable.
    let objection =
      (own.name == name ? nil : study.training.optimizer.objection(to: name))
      ?? workflow.objection(toRoundsOf: study.federation.fewestSites(of: count) ?? count)
    if let objection {
      throw ConsiliumError(.invalidInput, "the arm '\(arm)' cannot run: \(objection)")
    }
    return workflow
  }

  /// The place of the plan in the order of training. The arms that take longest come first, so that no core
  /// idles at the end.
  private var cost: Int {
    switch members {
    case .pooled: 0
    case .federated: 1
    case .local: 2
    case .ensemble: 3
    }
  }

  /// The study as the arm trains it: a workflow with a fixed number of cycles has that many rounds, all at the
  /// same learning rate.
  public func study(_ study: Study) -> Study {
    guard let cycles = workflow.name.descriptor.cycles, cycles != study.federation.rounds else {
      return study
    }
    var study = study
    study.federation.rounds = cycles
    study.training.schedule = Study.Schedule()
    return study
  }

  /// The arm's strategy and topology.
  ///
  /// - Parameter sites: All sites of the agreement.
  public func algorithm(in study: Study, sites: [SiteID]) -> FederatedAlgorithms.Workflow {
    members == .federated ? study.algorithm(of: workflow, sites: sites) : workflow.algorithm()
  }

  public var kind: ArmResults.Kind {
    switch members {
    case .local: .local
    case .pooled: .pooled
    case .federated: .federated
    case .ensemble: .ensemble
    }
  }
}
