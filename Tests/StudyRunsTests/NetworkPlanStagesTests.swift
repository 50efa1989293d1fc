import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import StudyProtocol
import TestSupport
import Testing

@testable import StudyRuns

/// What a site accepts from its coordinator.
struct NetworkPlanStagesTests {
  private let north = SiteID("north")
  private let south = SiteID("south")
  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])]))

  private func plan(selectBestOn selection: String = "validation") throws -> NetworkPlan {
    var study = ClinicStudy()
    study.hasAge = false
    study.localEpochs = 2
    study.metrics = "[auc]"
    study.selection = selection
    study.evaluation = ["every: 2", "baselines: [local]"]
    return try NetworkPlan(Study(yaml: study.text), members: [north, south])
  }

  /// Whether the plan accepts this assignment at `north`.
  private func admits(
    _ message: StageMessage, round: Int, stage: Int? = 0, question: Int = 0, arm: String, _ plan: NetworkPlan
  ) -> Bool {
    let assignment = Assignment(id: .init(round: round, stage: stage, question: question), message: message)
    do throws(ConsiliumError) {
      try plan.admit(assignment, in: arm, at: north)
      return true
    } catch {
      #expect(error.code == .invalidInput)
      return false
    }
  }

  private func train(_ rate: Double) -> StageMessage { .train(from: model, learningRate: rate) }

  private func rate(_ plan: NetworkPlan, arm: String, round: Int) throws -> Double {
    try plan.settings(of: arm, members: plan.members).learningRate(round)
  }

  @Test(arguments: ["rehearsal", "local-north", "fedavg"]) func trainingOfTheStudyIsAdmitted(arm: String)
    throws
  {
    let plan = try plan()
    let rounds = arm == NetworkPlan.rehearsal ? 1 : 3
    let amount = try plan.settings(of: arm, members: plan.members).amount
    #expect(amount == (rounds == 1 ? .steps(1) : .epochs(2)))
    for round in 1...rounds {
      #expect(admits(train(try rate(plan, arm: arm, round: round)), round: round, arm: arm, plan))
    }
    let last = try rate(plan, arm: arm, round: rounds)
    for round in [Int.min, -1, 0, rounds + 1, .max] {
      #expect(!admits(train(last), round: round, arm: arm, plan))
    }
  }

  /// The amount, the seed and the weighting are not sent: each site reads them in the study that it signed.
  @Test func workOutsideTheStudyIsRefused() throws {
    let plan = try plan()
    let agreed = try rate(plan, arm: "fedavg", round: 2)
    #expect(admits(train(agreed.nextUp), round: 2, arm: "fedavg", plan))
    for rate in [agreed * 2, .nan, .infinity, -agreed, 0] {
      #expect(!admits(train(rate), round: 2, arm: "fedavg", plan))
    }
    var silent = train(agreed)
    silent.facts = [:]
    #expect(!admits(silent, round: 2, arm: "fedavg", plan))
    for (name, fact) in [("epochs", Fact.integer(9)), ("seed", .integer(1)), ("learning-rate", .integer(1))] {
      var other = train(agreed)
      other.facts[name] = fact
      #expect(!admits(other, round: 2, arm: "fedavg", plan))
    }
    var more = train(agreed)
    more.tensors["message"] = .parameters(NamedParts(model))
    #expect(!admits(more, round: 2, arm: "fedavg", plan), "FedAvg sends nothing but the model")
    for stage in [2, -1, nil] as [Int?] {
      #expect(!admits(train(agreed), round: 2, stage: stage, arm: "fedavg", plan))
    }
    #expect(!admits(train(agreed), round: 2, question: 1, arm: "fedavg", plan))
    for arm in ["local-south", "local-..", "../../..", "pooled", ""] {
      #expect(!admits(train(agreed), round: 2, arm: arm, plan))
    }
    #expect(!admits(train(agreed), round: 1, arm: NetworkPlan.tests, plan))
    #expect(!admits(StageMessage(StageMessage.Kind("shares")), round: 2, arm: "fedavg", plan))
  }

  /// The stage in which `north` may be asked in each round of a study of three sites.
  private func stages(
    workflow: String, sites: String = "{}", rounds: Int = 6, arm: String? = nil
  ) throws -> [[Int]] {
    var study = ClinicStudy()
    (study.workflow, study.sites, study.rounds) = (workflow, sites, rounds)
    let read = try Study(yaml: study.text)
    let plan = try NetworkPlan(read, members: ["east", "north", "south"].map { SiteID($0) })
    let arm = arm ?? read.federation.workflow.name.rawValue
    let rate = try rate(plan, arm: arm, round: 1)
    let count = try plan.settings(of: arm, members: plan.members).rounds
    return (1...count).map { round in
      [0, 1, 2].filter { admits(train(rate), round: round, stage: $0, arm: arm, plan) }
    }
  }

  /// A site is asked only in its own place of the agreed order.
  @Test func theOrderOfACycleIsAgreed() throws {
    #expect(try stages(workflow: "cyclic") == Array(repeating: [1], count: 6))
    let rotated = try stages(workflow: "{name: cyclic, order: rotated}")
    #expect(rotated == [[1], [0], [2], [1], [0], [2]])
    let order = Ring(order: .random(seed: 7))
    let sites = ["east", "north", "south"].map { SiteID($0) }
    let places = (1...6).map { round in
      order.plan(round: round, participants: sites).members.firstIndex(of: north)
    }
    #expect(Set(places).count > 1)
    #expect(try stages(workflow: "{name: cyclic, order: random}") == places.map { [$0 ?? -1] })
  }

  /// An optional site before it may be absent, so its own stage may come earlier.
  @Test func absentSitesMoveAStageForward() throws {
    #expect(try stages(workflow: "cyclic", sites: "{minimum: 1}") == Array(repeating: [0, 1], count: 6))
    let required = try stages(workflow: "cyclic", sites: "{required: [east, north]}")
    #expect(required == Array(repeating: [1], count: 6))
  }

  @Test func aSiteTrainsOnlyIfItIsDrawn() throws {
    let one = try stages(workflow: "fedavg, sampling: {sites: 1}")
    #expect(one.count { $0 == [0] } == 2, "one of three sites trains in two of six rounds: \(one)")
    #expect(one.count(where: \.isEmpty) == 4)
    let rehearsal = try stages(
      workflow: "fedavg, sampling: {sites: 1}", arm: NetworkPlan.rehearsal)
    #expect(rehearsal == [[0]], "every site rehearses")
    let local = try stages(workflow: "fedavg, sampling: {sites: 1}", arm: "local-north")
    #expect(local == Array(repeating: [0], count: 6))
  }

  /// No site is required in every round. A round needs all sites that are drawn, unless the study says less.
  @Test(arguments: [("{}", 2), ("{minimum: 1}", 1)]) func drawnSitesAreTheMinimum(sites: String, minimum: Int)
    throws
  {
    var study = ClinicStudy()
    (study.workflow, study.sites) = ("fedavg, sampling: {fraction: 0.6}", sites)
    let plan = try NetworkPlan(
      Study(yaml: study.text), members: ["east", "north", "south"].map { SiteID($0) })
    let settings = try plan.settings(of: "fedavg", members: plan.members)
    #expect(settings.required.isEmpty)
    #expect(settings.minimumSites == minimum)
    #expect(try plan.settings(of: "local-north", members: [north]).required == [north])
  }

  /// Incremental learning is rehearsed with a single step, as every other workflow.
  @Test func incrementalLearningIsRehearsedWithOneStep() throws {
    var study = ClinicStudy()
    (study.workflow, study.rounds) = ("iil", 1)
    let plan = try NetworkPlan(Study(yaml: study.text), members: [north, south])
    #expect(try plan.algorithm(of: NetworkPlan.rehearsal).strategy is FedAvg)
    #expect(try plan.algorithm(of: "iil").strategy is IncrementalLearning)
  }

  @Test func onlyEvaluationsOfTheStudyAreAdmitted() throws {
    let plan = try plan()
    let rounds = [1, 2, 3].filter {
      admits(.evaluate(model, on: .validation), round: $0, stage: nil, arm: "fedavg", plan)
    }
    #expect(rounds == [2, 3])
    for part in [DataPart.training, .test] {
      #expect(!admits(.evaluate(model, on: part), round: 2, stage: nil, arm: "fedavg", plan))
      #expect(!admits(.evaluate(model, on: part), round: 1, stage: nil, arm: NetworkPlan.rehearsal, plan))
    }
    let last = try self.plan(selectBestOn: "last")
    #expect(!admits(.evaluate(model, on: .validation), round: 2, stage: nil, arm: "fedavg", last))

    // There is one test per model: local-north, local-south and fedavg.
    let tests = [0, 1, 2, 3, 4].filter {
      admits(.evaluate(model, on: .test), round: $0, stage: nil, arm: NetworkPlan.tests, plan)
    }
    #expect(tests == [1, 2, 3])
    #expect(!admits(.evaluate(model, on: .validation), round: 1, stage: nil, arm: NetworkPlan.tests, plan))
  }
}
