import FederatedCore

extension ArmResults {
  /// How much was trained, such as `400 steps in sequence (1600 in all), 10.1 passes over the data`.
  public var effort: String {
    var text = NumberText.count(stepsInSequence ?? stepCount, "step")
    if let sequence = stepsInSequence, sequence != stepCount {
      text += " in sequence (\(NumberText.grouped(stepCount)) in all)"
    }
    if let passes { text += ", \(NumberText.fixed(passes, digits: 1)) passes over the data" }
    return text
  }

  /// What of the training is equal to that of another arm: `equal steps`, `equal passes`, both, or neither;
  /// nil if unknown.
  public func equality(to other: ArmResults) -> String? {
    guard let steps = stepsInSequence, let others = other.stepsInSequence, let passes,
      let otherPasses = other.passes
    else { return nil }
    let equal = [
      Self.isClose(Double(steps), Double(others)) ? "steps" : nil,
      Self.isClose(passes, otherPasses) ? "passes" : nil,
    ].compactMap(\.self)
    return equal.isEmpty
      ? "neither equal steps nor equal passes" : "equal " + equal.joined(separator: " and ")
  }

  /// Within a tenth.
  private static func isClose(_ one: Double, _ other: Double) -> Bool {
    abs(one - other) <= 0.1 * max(abs(one), abs(other))
  }
}
