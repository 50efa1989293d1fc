import FederatedCore
import StudyProtocol

/// The weight that a study's weighting gives to a site with a number of training examples.
public enum WeightRule: Sendable, Equatable {
  /// All sites count alike.
  case equal
  /// The number of training examples.
  case examples
  /// The sum of the examples' class weights. Which classes the examples have is known to the site only, so
  /// each example may have any of these weights.
  case classWeights(ClosedRange<Double>)

  /// The rule in an arm of a study: in the arm of its workflow, or in that of one site alone, which is
  /// FedAvg.
  public init(_ study: Study, arm: String) {
    let workflow = study.federation.workflow
    if arm == workflow.name.rawValue, workflow.algorithm().strategy.weighsAlike {
      self = .equal
      return
    }
    switch study.federation.weighting {
    case .equal: self = .equal
    case .samples: self = .examples
    case .classWeights: self = study.classWeightRange.map { .classWeights($0) } ?? .examples
    }
  }

  /// The permitted weights of a site with this many training examples.
  public func weights(ofExamples count: Int) -> ClosedRange<Double> {
    switch self {
    case .equal: return 1...1
    case .examples: return Double(count)...Double(count)
    case .classWeights(let range):
      // The engine adds single-precision weights; allow for their rounding.
      return range.lowerBound * Double(count) * (1 - 1e-6)...range.upperBound * Double(count) * (1 + 1e-6)
    }
  }

  /// What is wrong with a weight; `nil` if it follows from the study's weighting.
  func objection(to weight: Double, ofExamples count: Int) -> String? {
    let permitted = weights(ofExamples: count)
    guard !permitted.contains(weight) else { return nil }
    let words =
      permitted.lowerBound == permitted.upperBound
      ? "\(permitted.lowerBound)" : "\(permitted.lowerBound) to \(permitted.upperBound)"
    return "has the weight \(weight); the study's weighting gives \(words) for \(count) training examples"
  }
}

extension Strategy {
  /// Whether all updates have the same weight, whatever the study's weighting.
  fileprivate var weighsAlike: Bool { agreedWeight(2) == agreedWeight(3) }
}

extension Study {
  /// The smallest and the largest weight of a class, in the engine's single precision; `nil` if the study
  /// states no weights by label.
  fileprivate var classWeightRange: ClosedRange<Double>? {
    guard case .byLabel(let weights) = training.classWeights else { return nil }
    let values = weights.values.map { Double(Float($0)) }
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }
}
