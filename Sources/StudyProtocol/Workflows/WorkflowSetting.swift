/// A number that a study can set for its workflow.
public struct WorkflowSetting: Sendable {
  /// The key in the study file, for example `proximal-mu`.
  public let key: String
  /// The value for studies that leave the setting out.
  public let defaultValue: Double
  /// The meaning of the number, as a noun phrase.
  public let meaning: String
  /// Whether the setting was added after its workflow.
  ///
  /// At its default such a setting is left out of the canonical form. Otherwise the digests of older studies
  /// would change.
  let isAddedLater: Bool
  private let rule: NumberRule

  init(
    _ key: String, _ defaultValue: Double, _ rule: NumberRule, _ meaning: String, isAddedLater: Bool = false
  ) {
    self.key = key
    self.defaultValue = defaultValue
    self.meaning = meaning
    self.isAddedLater = isAddedLater
    self.rule = rule
  }

  /// The permitted values in words, for example `a number above 0`.
  public var expected: String { rule.expected }

  /// Whether the value is permitted, also after rounding to single precision, in which strategies calculate.
  /// Rounding turns 1e-300 into 0 and 0.99999999 into 1.
  public func allows(_ value: Double) -> Bool {
    let single = Float(value)
    return single.isFinite && rule.allows(value) && rule.allows(Double(single))
  }

  /// The rule for the reader of study files.
  var numberRule: NumberRule { NumberRule(expected: expected) { allows($0) } }
}
