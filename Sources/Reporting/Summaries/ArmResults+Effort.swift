import FederatedCore

extension ArmResults {
  /// The amount of training, such as `400 steps in sequence (1600 in all), 10.1 passes over the data`.
  public var effort: String {
    var text = NumberText.count(stepsInSequence ?? stepCount, "step")
    if let sequence = stepsInSequence, sequence != stepCount {
      text += " in sequence (\(NumberText.grouped(stepCount)) in all)"
    }
    if let passes { text += ", \(NumberText.fixed(passes, digits: 1)) passes over the data" }
    return text
  }

  /// A phrase that states in which respects two arms trained equally much: in steps, in passes, in both or in
  /// neither. `nil` if unknown.
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

  /// Whether two amounts agree within a tenth.
  private static func isClose(_ one: Double, _ other: Double) -> Bool {
    abs(one - other) <= 0.1 * max(abs(one), abs(other))
  }
}
