/// Tests whether one column of a table reveals the values of a second column.
enum LeakTest {
  /// The values of an input and of a target in one record.
  struct Pair {
    let input: Record.Value
    let outcome: Record.Value
  }

  /// The smallest number of records in each class for which a threshold without errors is more than chance.
  /// With 20 records in each class, only one random column in 7 × 10¹⁰ has such a threshold.
  private static let fewestOfClass = 20

  /// Whether each value of the input belongs to one class, which is true of a copy of the target with
  /// different codes.
  ///
  /// Values that occur only once prove nothing, so each value needs four records on average. The classes must
  /// be so large that a random column passes with a probability below 1 in 400.
  static func isRecoded(_ pairs: [Pair]) -> Bool {
    let classes = Dictionary(grouping: pairs, by: \.outcome).values.map(\.count)
    let values = Dictionary(grouping: pairs, by: \.input)
    return arrangements(classes) >= 400 && values.count * 4 <= pairs.count
      && values.values.allSatisfy { Set($0.map(\.outcome)).count == 1 }
  }

  /// The number of ways to assign records to classes of these sizes: the multinomial coefficient.
  private static func arrangements(_ counts: [Int]) -> Double {
    var (all, ways) = (0, 1.0)
    for count in counts {
      for number in 0..<count {
        all += 1
        ways *= Double(all) / Double(number + 1)
      }
    }
    return ways
  }

  /// Whether a threshold separates two classes without error.
  static func isCut(_ pairs: [Pair]) -> Bool {
    let classes = Dictionary(grouping: pairs, by: \.outcome).values.map { numbers($0.map(\.input)) }
    guard classes.count == 2, classes.allSatisfy({ $0.count >= fewestOfClass }),
      let first = ends(classes[0]), let second = ends(classes[1])
    else { return false }
    return first.high < second.low || second.high < first.low
  }

  /// Whether the target is a linear function of the input, such as the same time in a different unit.
  static func isLinear(_ pairs: [Pair]) -> Bool {
    let (inputs, outcomes) = (numbers(pairs.map(\.input)), numbers(pairs.map(\.outcome)))
    guard inputs.count == pairs.count, outcomes.count == pairs.count, Set(outcomes).count >= 5 else {
      return false
    }
    let count = Double(pairs.count)
    let (meanIn, meanOut) = (inputs.reduce(0, +) / count, outcomes.reduce(0, +) / count)
    var (both, squareIn, squareOut) = (0.0, 0.0, 0.0)
    for (input, outcome) in zip(inputs, outcomes) {
      both += (input - meanIn) * (outcome - meanOut)
      squareIn += (input - meanIn) * (input - meanIn)
      squareOut += (outcome - meanOut) * (outcome - meanOut)
    }
    return squareIn > 0 && squareOut > 0 && both * both > 0.999 * squareIn * squareOut
  }

  private static func numbers(_ values: [Record.Value]) -> [Double] {
    values.compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  private static func ends(_ numbers: [Double]) -> (low: Double, high: Double)? {
    guard let low = numbers.min(), let high = numbers.max() else { return nil }
    return (low, high)
  }
}
