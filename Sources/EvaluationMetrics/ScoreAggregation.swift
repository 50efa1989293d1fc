/// The way in which the scores of a patient's examples are combined into one score.
public enum ScoreAggregation: Sendable {
  case mean
  /// The highest score. For more than two classes, the highest score of each class, divided by their sum.
  case max
}

extension ClassificationScores {
  /// One example per patient, in the order of the patients.
  ///
  /// With two classes, a patient has the finding (the second class) if any example has it. With more classes,
  /// the patient's class is the most frequent class, or the last of several equally frequent classes. A
  /// patient with one example keeps its scores.
  public func aggregated(by aggregation: ScoreAggregation) -> ClassificationScores {
    let examples = Dictionary(grouping: labels.indices, by: { patients[$0] })
    guard examples.count < exampleCount else { return self }
    var whole = ClassificationScores(classCount: classCount)
    for (patient, indices) in examples.sorted(by: { $0.key < $1.key }) {
      whole.append(
        patient: patient, label: label(of: indices), probabilities: probabilities(of: indices, aggregation))
    }
    return whole
  }

  private func label(of examples: [Int]) -> Int {
    if classCount == 2 { return examples.map { labels[$0] }.max() ?? 0 }
    var counts = [Int](repeating: 0, count: classCount)
    for example in examples { counts[labels[example]] += 1 }
    return counts.indices.max { (counts[$0], $0) < (counts[$1], $1) } ?? 0
  }

  private func probabilities(of examples: [Int], _ aggregation: ScoreAggregation) -> [Float] {
    let columns = (0..<classCount).map { index in
      examples.map { Double(probabilities[$0 * classCount + index]) }
    }
    switch aggregation {
    case .mean:
      return columns.map { Float($0.reduce(0, +) / Double($0.count)) }
    case .max where classCount == 2:
      let highest = columns[1].max() ?? 0
      return [Float(1 - highest), Float(highest)]
    case .max:
      let highest = columns.map { $0.max() ?? 0 }
      let sum = highest.reduce(0, +)
      return highest.map { Float(sum > 0 ? $0 / sum : 1 / Double(classCount)) }
    }
  }
}

extension SurvivalScores {
  /// One example per patient, in the order of the patients: the aggregated risk, the longest time, and the
  /// event if any of the patient's examples has it. The single example of a patient stays unchanged.
  public func aggregated(by aggregation: ScoreAggregation) -> SurvivalScores {
    let examples = Dictionary(grouping: times.indices, by: { patients[$0] })
    guard examples.count < times.count else { return self }
    var whole = SurvivalScores()
    for (patient, indices) in examples.sorted(by: { $0.key < $1.key }) {
      let all = indices.map { risks[$0] }
      let risk =
        switch aggregation {
        case .mean: all.reduce(0, +) / Double(all.count)
        case .max: all.max() ?? 0
        }
      whole.append(
        patient: patient, time: indices.map { times[$0] }.max() ?? 0, event: indices.contains { events[$0] },
        risk: risk)
    }
    return whole
  }
}
