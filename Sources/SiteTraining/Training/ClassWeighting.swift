import StudyProtocol

/// Computes the weight of each class in the loss, as the study specifies it.
enum ClassWeighting {
  /// One weight per class; `nil` if all are weighted equally.
  static func weights(for study: Study, data: SessionData) throws -> [Float]? {
    let labels = study.element(.target)?.values.map(\.label) ?? []
    switch study.training.classWeights {
    case .none: return nil
    case .byLabel(let weights): return labels.map { Float(weights[$0] ?? 1) }
    case .balanced:
      let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: labels.count)
      return balanced(counts)
    }
  }

  /// The sum of the class weights of all training examples; `nil` if the study does not weight updates by
  /// this sum.
  static func weightedCount(for study: Study, data: SessionData) throws -> Double? {
    guard study.federation.weighting == .classWeights, let weights = try weights(for: study, data: data)
    else { return nil }
    let counts = try data.source.classCounts(of: data.examples(in: .training), classCount: weights.count)
    return zip(counts, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// The weight of each class, inversely proportional to its frequency: the number of examples, divided by
  /// the number of classes and by the number of examples of the class. This is `balanced` in scikit-learn. A
  /// class without examples gets the weight 0.
  static func balanced(_ counts: [Int]) -> [Float] {
    let total = counts.reduce(0, +)
    return counts.map { $0 == 0 ? 0 : Float(total) / (Float(counts.count) * Float($0)) }
  }
}
