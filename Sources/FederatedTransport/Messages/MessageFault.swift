import FederatedCore

/// The error for a message that has the right format but an impossible content.
func messageFault(_ what: String) -> ConsiliumError {
  ConsiliumError(.invalidUpdate, "a message cannot be used: \(what)")
}

/// Checks a count received from a peer.
func count(_ value: UInt64, _ what: String) throws(ConsiliumError) -> Int {
  // No study has that many patients, examples or steps, and sums of such numbers cannot overflow.
  guard value <= 1 << 40 else { throw messageFault("\(value) \(what)") }
  return Int(value)
}

/// Checks a number received from a peer.
///
/// - Parameter range: the accepted values. No learned or measured value is outside the default range, and
///   sums and charts of such numbers cannot overflow.
func finite(_ value: Double, _ what: String, in range: ClosedRange<Double> = -1e12...1e12)
  throws(ConsiliumError) -> Double
{
  guard range.contains(value) else {
    throw messageFault("\(what) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

/// Checks the length of a list received from a peer.
func atMost<Element>(_ most: Int, _ list: [Element], _ what: String) throws(ConsiliumError) -> [Element] {
  guard list.count <= most else { throw messageFault("\(list.count) \(what); expected at most \(most)") }
  return list
}
