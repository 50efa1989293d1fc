/// A rule for a number, and its wording.
struct NumberRule: Sendable {
  let expected: String
  let allows: @Sendable (Double) -> Bool

  static let any = NumberRule(expected: "a number") { _ in true }
  static let positive = NumberRule(expected: "a number above 0") { $0 > 0 }
  static let notNegative = NumberRule(expected: "a number from 0") { $0 >= 0 }
  static let fraction = NumberRule(expected: "a number from 0 to 1") { (0...1).contains($0) }
  /// A number above 0 and up to 1: a share that is not nothing.
  static let share = NumberRule(expected: "a number above 0, up to 1") { $0 > 0 && $0 <= 1 }
  /// A number from 0 to below 1, such as a momentum, a decay or a dropout probability.
  static let belowOne = NumberRule(expected: "a number from 0 to below 1") { (0..<1).contains($0) }

  /// A number from 0 to below 0.5: a share that is cut off at each end of a sorted list.
  static let belowHalf = NumberRule(expected: "a number from 0 to below 0.5") { (0..<0.5).contains($0) }

  static func from(_ lower: Int, to upper: Int) -> NumberRule {
    NumberRule(expected: "a whole number from \(lower) to \(upper)") {
      $0 >= Double(lower) && $0 <= Double(upper) && $0 == $0.rounded()
    }
  }

  static func within(_ range: ClosedRange<Double>) -> NumberRule {
    NumberRule(expected: "a number from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
}
