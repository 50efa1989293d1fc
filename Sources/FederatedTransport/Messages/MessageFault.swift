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
func finite(_ value: Double, _ what: String) throws(ConsiliumError) -> Double {
  guard value.isFinite else { throw messageFault("\(what) is \(value)") }
  return value
}
