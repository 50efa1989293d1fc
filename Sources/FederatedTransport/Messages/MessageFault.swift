import FederatedCore

/// A message that follows the format but says something impossible.
func messageFault(_ what: String) -> ConsiliumError {
  ConsiliumError(.invalidUpdate, "a message cannot be used: \(what)")
}

/// A count as it came over the wire.
func count(_ value: UInt64, _ what: String) throws(ConsiliumError) -> Int {
  // Nobody has so many patients, examples or steps; sums of such numbers stay far from overflow.
  guard value <= 1 << 40 else { throw messageFault("\(value) \(what)") }
  return Int(value)
}

/// A number as it came over the wire.
///
/// - Parameter range: nothing that is learned or measured lies outside of the usual one, and sums and drawings of such numbers
///   stay far from overflow.
func finite(_ value: Double, _ what: String, in range: ClosedRange<Double> = -1e12...1e12)
  throws(ConsiliumError) -> Double
{
  guard range.contains(value) else {
    throw messageFault("\(what) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

/// A list as it came over the wire.
func atMost<Element>(_ most: Int, _ list: [Element], _ what: String) throws(ConsiliumError) -> [Element] {
  guard list.count <= most else { throw messageFault("\(list.count) \(what); expected at most \(most)") }
  return list
}
