/// Reads numbers that came over a network. The numbers are limited to ranges in which sums and random choices
/// cannot overflow.
extension StageMessage {
  /// The highest accepted count. No site has as many patients, examples or steps.
  private static let highestCount = 1 << 40

  /// A range that exceeds single precision. It contains every loss and metric, even those of a model that
  /// diverges.
  public static let anyNumber = -1e39...1e39

  /// Reads a count.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the fact is absent or impossible.
  public func count(_ key: FactKey<Int>) throws(ConsiliumError) -> Int {
    try checkedCount(try require(key), key.name)
  }

  /// Reads a list of counts.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the list is absent, longer than `most` or
  ///   contains an impossible number.
  public func counts(_ key: FactKey<[Int]>, most: Int) throws(ConsiliumError) -> [Int] {
    let values = try list(key, most: most)
    for value in values { _ = try checkedCount(value, key.name) }
    return values
  }

  /// Reads a number within a range.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the fact is absent or outside `range`.
  public func number(_ key: FactKey<Double>, in range: ClosedRange<Double> = anyNumber)
    throws(ConsiliumError) -> Double
  {
    try checked(try require(key), key.name, in: range)
  }

  /// Reads a number that may be absent.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if it is present and outside `range`.
  public func optional(_ key: FactKey<Double>, in range: ClosedRange<Double> = anyNumber)
    throws(ConsiliumError) -> Double?
  {
    guard let value = self[key] else { return nil }
    return try checked(value, key.name, in: range)
  }

  /// Reads a list of numbers, each within a range.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the list is absent, longer than `most` or
  ///   contains a number outside `range`.
  public func numbers(
    _ key: FactKey<[Double]>, most: Int, in range: ClosedRange<Double> = anyNumber
  ) throws(ConsiliumError) -> [Double] {
    let values = try list(key, most: most)
    for value in values { _ = try checked(value, key.name, in: range) }
    return values
  }

  /// Reads a list.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the list is absent or longer than `most`.
  public func list<Element: FactListElement>(_ key: FactKey<[Element]>, most: Int) throws(ConsiliumError)
    -> [Element]
  {
    let values = try require(key)
    guard values.count <= most else {
      throw fault("the fact '\(key.name)' has \(values.count) values; expected at most \(most)")
    }
    return values
  }

  private func checkedCount(_ value: Int, _ name: String) throws(ConsiliumError) -> Int {
    guard (0...Self.highestCount).contains(value) else { throw fault("the fact '\(name)' is \(value)") }
    return value
  }

  private func checked(_ value: Double, _ name: String, in range: ClosedRange<Double>) throws(ConsiliumError)
    -> Double
  {
    guard range.contains(value) else {
      throw fault(
        "the fact '\(name)' is \(value); expected \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
