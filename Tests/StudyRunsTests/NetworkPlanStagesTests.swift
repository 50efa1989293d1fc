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
