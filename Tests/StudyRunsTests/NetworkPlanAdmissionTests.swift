import FederatedCore
import FederatedRuntime
import StudyProtocol
import Testing

@testable import StudyRuns

/// What a site lets its coordinator ask of it.
struct NetworkPlanAdmissionTests {
  private let north = SiteID("north")
  private let south = SiteID("south")
  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])]))

  private func plan(selectBestOn selection: String = "validation") throws -> NetworkPlan {
    let text = """
      study: {name: clinic, version: 1, title: Disease from two findings, task: classification, seed: 7}
      elements:
        - {name: patient, kind: identifier, role: group}
        - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
        - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
      preprocessing: [{standardise: {method: range, using: elements}}]
      model: {architecture: mlp, hidden: [4]}
      training:
        loss: cross-entropy
        optimizer: {name: adam, learning-rate: 0.05}
        batch-size: 4
        local-epochs: 2
      federation: {workflow: fedavg, rounds: 3}
      evaluation:
        metrics: [auc]
        split: {by: patient, test: 0.3, validation: 0.2}
        select-best-on: \(selection)
        every: 2
        baselines: [local]

      """
    return try NetworkPlan(Study(yaml: text), members: [north, south])
  }

  /// Whether the plan admits this at `north`.
  private func admits(_ work: Assignment.Work, round: Int, stage: Int? = 0, arm: String, _ plan: NetworkPlan)
    -> Bool
  {
    let assignment = Assignment(id: .init(round: round, stage: stage), model: model, work: work)
    do throws(ConsiliumError) {
      try plan.admit(assignment, in: arm, at: north)
      return true
    } catch {
      #expect(error.message.contains("not in the study that was signed"))
      return false
    }
  }

  private func training(_ plan: NetworkPlan, arm: String, round: Int) throws -> TrainingInstruction {
    try plan.settings(of: arm, members: plan.members).instruction(round: round, site: north)
  }

  private func train(_ instruction: TrainingInstruction) -> Assignment.Work {
    .train(instruction, message: NamedParts(names: [], parts: []))
  }

  @Test(arguments: ["rehearsal", "local-north", "fedavg"]) func theStudysOwnTrainingIsAdmitted(arm: String)
    throws
  {
    let plan = try plan()
    let rounds = arm == NetworkPlan.rehearsal ? 1 : 3
    for round in 1...rounds {
      let instruction = try training(plan, arm: arm, round: round)
      #expect(instruction.amount == (rounds == 1 ? .steps(1) : .epochs(2)))
      #expect(admits(train(instruction), round: round, arm: arm, plan))
    }
    let last = try training(plan, arm: arm, round: rounds)
    for round in [Int.min, -1, 0, rounds + 1, .max] {
      #expect(!admits(train(last), round: round, arm: arm, plan))
    }
  }

  @Test func nothingElseIsAdmitted() throws {
    let plan = try plan()
    let agreed = try training(plan, arm: "fedavg", round: 2)
    var last = agreed
    last.learningRate = agreed.learningRate.nextUp
    #expect(admits(train(last), round: 2, arm: "fedavg", plan))
    let changes: [(inout TrainingInstruction) -> Void] = [
      { $0.amount = .steps(1) }, { $0.amount = .epochs(1) }, { $0.learningRate *= 2 },
      { $0.learningRate = .nan },
      { $0.seed += 1 }, { $0.weighting = .equal }, { $0.proximalStrength = 1 }, { $0.round = 3 },
    ]
    for change in changes {
      var other = agreed
      change(&other)
      #expect(!admits(train(other), round: 2, arm: "fedavg", plan))
    }
    #expect(!admits(train(agreed), round: 2, stage: 2, arm: "fedavg", plan))
    for arm in ["local-south", "local-..", "../../..", "pooled", ""] {
      #expect(!admits(train(agreed), round: 2, arm: arm, plan))
    }
    #expect(!admits(train(agreed), round: 1, arm: NetworkPlan.tests, plan))
  }

  @Test func evaluationsAreThoseThatTheStudyAsksFor() throws {
    let plan = try plan()
    let rounds = [1, 2, 3].filter {
      admits(.evaluate(.validation), round: $0, stage: nil, arm: "fedavg", plan)
    }
    #expect(rounds == [2, 3])
    for part in [DataPart.training, .test] {
      #expect(!admits(.evaluate(part), round: 2, stage: nil, arm: "fedavg", plan))
      #expect(!admits(.evaluate(part), round: 1, stage: nil, arm: NetworkPlan.rehearsal, plan))
    }
    let last = try self.plan(selectBestOn: "last")
    #expect(!admits(.evaluate(.validation), round: 2, stage: nil, arm: "fedavg", last))

    // One for each model: local-north, local-south and fedavg.
    let tests = [0, 1, 2, 3, 4].filter {
      admits(.evaluate(.test), round: $0, stage: nil, arm: NetworkPlan.tests, plan)
    }
    #expect(tests == [1, 2, 3])
    #expect(!admits(.evaluate(.validation), round: 1, stage: nil, arm: NetworkPlan.tests, plan))
  }
}
