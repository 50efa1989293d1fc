/// Finds numbers that stand for missing values, such as -1, -99, 999 and 99.9, by their digits and their
/// distance from all other numbers of a column.
///
/// The search is cautious: a code must lie beyond all other numbers. Overlooking a code does less harm than
/// discarding a measurement.
struct MissingCodes {
  private(set) var codes: Set<Double> = []

  /// The smallest number of measurements that a column needs to be searched for codes. A measurement is a
  /// number that does not look like a code.
  private static let fewest = 10
  /// The smallest number of distinct measurements that a column needs to be searched.
  private static let fewestDistinct = 5

  init(among numbers: [Double]) {
    let others = numbers.filter { !Self.hasForm($0) }.sorted()
    let places = Set(others).sorted()
    guard others.count >= Self.fewest, places.count >= Self.fewestDistinct else { return }
    for code in Set(numbers).subtracting(places) where Self.isFar(code, from: places, others) {
      codes.insert(code)
    }
  }

  /// Whether a number looks like a code: -1, any number of 9s, or at least three 7s or three 8s.
  static func hasForm(_ number: Double) -> Bool {
    if number == -1 { return true }
    let digits = abs(number).short.filter { $0 != "." }
    guard let first = digits.first, digits.allSatisfy({ $0 == first }) else { return false }
    return first == "9" || "78".contains(first) && digits.count >= 3
  }

  /// Whether a number is so far from all measurements of its column that it is taken for a code.
  ///
  /// - Parameters:
  ///   - places: The distinct measurements, ascending.
  ///   - others: All measurements, ascending.
  private static func isFar(_ code: Double, from places: [Double], _ others: [Double]) -> Bool {
    let (low, high) = (places[0], places[places.count - 1])
    guard code < low || code > high else { return false }
    let gap = code < low ? low - code : code - high
    let steps = zip(places, places.dropFirst()).map { $1 - $0 }
    if code < 0, low >= 0 {
      // A single negative number may be a measurement one step below 0. Compare its distance from the other
      // numbers with the steps between the lower measurements.
      let near = steps.prefix(max(1, steps.count / 2)).max() ?? 0
      return gap >= 3 * near
    }
    let middle = others[others.count * 3 / 4] - others[others.count / 4]
    let spread = middle > 0 ? middle : high - low
    return gap >= 3 * spread && gap > (steps.max() ?? 0)
  }

  /// Removes the rounding error of a unit conversion: 998.9999999999999 becomes 999.
  static func rounded(_ number: Double) -> Double {
    let rounded = (number * 1000).rounded() / 1000
    return abs(rounded - number) <= 1e-9 * max(1, abs(number)) ? rounded : number
  }
}
