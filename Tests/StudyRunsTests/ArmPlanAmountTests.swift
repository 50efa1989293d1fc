import FederatedCore
import StudyProtocol
import Testing

@testable import StudyRuns

struct ArmPlanAmountTests {
  private func study(_ amount: String) throws -> Study {
    try Study(
      yaml: """
        study: {name: clinic, task: classification}
        elements:
          - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
          - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
        model: {architecture: linear}
        training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 10, \(amount)}
        federation: {workflow: fedavg, rounds: 5}
        evaluation: {metrics: [auc], split: {test: 0.2}}
        """)
  }

  private func amount(_ arm: String, _ training: String) throws -> TrainingInstruction.Amount {
    let study = try study(training)
    let plan = try #require(
      try ArmPlan.plans(for: [arm], study: study, sites: ["a", "b", "c"].map { SiteID($0) }).first)
    return plan.amount(in: study, examples: [25, 100, 40, 0])
  }

  /// Sites with 25, 100 and 40 examples take 3, 10 and 4 steps per pass: 17 in all, 5.67 on average.
  @Test func passesAreConvertedToEqualSteps() throws {
    #expect(try amount("pooled", "local-epochs: 2") == .epochs(2))
    #expect(try amount("pooled-passes", "local-epochs: 2") == .epochs(2))
    #expect(try amount("pooled-steps", "local-epochs: 1") == .steps(6))
    #expect(try amount("pooled-steps", "local-epochs: 2") == .steps(11))
  }

  /// With 6 steps each, the sites make 2, 0.6 and 1.5 passes. That is (25 · 2 + 100 · 0.6 + 40 · 1.5) / 165 =
  /// 1.0303 passes over all examples, of 17 steps each.
  @Test func stepsAreConvertedToEqualPasses() throws {
    #expect(try amount("pooled", "local-steps: 6") == .steps(6))
    #expect(try amount("pooled-steps", "local-steps: 6") == .steps(6))
    #expect(try amount("pooled-passes", "local-steps: 6") == .steps(18))
    let passes = ArmPlan.passes(steps: [6, 6, 6], examples: [25, 100, 40], batchSize: 10)
    #expect(abs(passes - 170.0 / 165) < 1e-12)
  }

  /// A fifth of a pass over 25, 100 and 40 examples in batches of ten is 0.5, 2 and 0.8 steps, so 1, 2 and 1.
  @Test func fractionsAreConvertedToEqualSteps() throws {
    let share = TrainingInstruction.Amount.fraction(0.2)
    #expect([25, 100, 40, 0].map { share.steps(examples: $0, batchSize: 10) } == [1, 2, 1, 1])
    #expect(try amount("pooled", "local-fraction: 0.2") == share)
    #expect(try amount("pooled-passes", "local-fraction: 0.2") == share)
    #expect(try amount("pooled-steps", "local-fraction: 0.2") == .steps(1))
    #expect(try amount("pooled-steps", "local-fraction: 1") == .steps(6))
    #expect(try amount("ciil", "local-fraction: 0.2") == share)
  }

  @Test func otherArmsUseTheStudysOwnAmount() throws {
    #expect(try amount("fedavg", "local-steps: 6") == .steps(6))
    #expect(try amount("local", "local-epochs: 3") == .epochs(3))
  }
}
