import FederatedCore
import StudyProtocol

extension ArmPlan {
  /// The amount of training of a member of the arm in a round.
  ///
  /// Usually this is the study's own amount. A pooled arm converts it if the study states passes and
  /// or a fraction of one and `pooledAmount` is `equalSteps`, or if the study states steps and `pooledAmount` is `equalPasses`.
  /// - Parameter examples: The number of training examples of each participating site.
  public func amount(in study: Study, examples: [Int]) -> TrainingInstruction.Amount {
    let examples = examples.filter { $0 > 0 }
    let agreed = study.training.amount
    guard members == .pooled, !examples.isEmpty else { return agreed }
    let batch = max(study.training.batchSize, 1)
    switch (pooledAmount, agreed) {
    case (.equalSteps, .epochs), (.equalSteps, .fraction):
      let steps = examples.reduce(0) { $0 + agreed.steps(examples: $1, batchSize: batch) }
      return .steps(max(1, Self.rounded(steps, over: examples.count)))
    case (.equalPasses, .steps(let steps)):
      let passes = Self.passes(steps: examples.map { _ in steps }, examples: examples, batchSize: batch)
      let stepsInAPass = (examples.reduce(0, +) + batch - 1) / batch
      return .steps(max(1, Int((passes * Double(stepsInAPass)).rounded())))
    default: return agreed
    }
  }

  private static func rounded(_ value: Int, over divisor: Int) -> Int { (value + divisor / 2) / divisor }

  /// The mean number of passes over all examples. A pass over a site's examples takes one step per batch; the
  /// last batch may be smaller.
  ///
  /// - Parameters:
  ///   - steps: The optimizer steps of each site.
  ///   - examples: The number of training examples of each site, in the same order; not all 0.
  static func passes(steps: [Int], examples: [Int], batchSize: Int) -> Double {
    let seen = zip(steps, examples).reduce(0.0) { sum, site in
      let stepsInAPass = max(1, (site.1 + batchSize - 1) / batchSize)
      return sum + Double(site.1) * Double(site.0) / Double(stepsInAPass)
    }
    return seen / Double(examples.reduce(0, +))
  }
}
