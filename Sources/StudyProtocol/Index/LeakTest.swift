/// Tests whether one column of a table gives away another.
enum LeakTest {
  /// An input and what is predicted of one record.
  struct Pair {
    let input: Record.Value
    let outcome: Record.Value
  }

  /// The fewest records of each class in which a threshold that parts them without error is not chance: with
  /// 20 of each, one random column in 7 × 10¹⁰ does.
  private static let fewestOfClass = 20

  /// Whether each value of the input belongs to one class, as in a copy under other codes.
  ///
  /// Values that occur once tell nothing, so there must be four records to a value. The classes must be large
  /// enough that a random column has a chance below 1 in 400.
  static func isRecoded(_ pairs: [Pair]) -> Bool {
    let classes = Dictionary(grouping: pairs, by: \.outcome).values.map(\.count)
    let values = Dictionary(grouping: pairs, by: \.input)
    return arrangements(classes) >= 400 && values.count * 4 <= pairs.count
      && values.values.allSatisfy { Set($0.map(\.outcome)).count == 1 }
  }

  /// The number of ways to deal records out to classes of these sizes: the multinomial coefficient.
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

  /// Whether a threshold parts two classes without error.
  static func isCut(_ pairs: [Pair]) -> Bool {
    let classes = Dictionary(grouping: pairs, by: \.outcome).values.map { numbers($0.map(\.input)) }
    guard classes.count == 2, classes.allSatisfy({ $0.count >= fewestOfClass }),
      let first = ends(classes[0]), let second = ends(classes[1])
    else { return false }
    return first.high < second.low || second.high < first.low
  }

  /// Whether a number is a linear function of another, as of the same time in another unit.
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
