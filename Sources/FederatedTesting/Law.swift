/// A law that something broke; tests that check laws fail with it.
public struct LawBroken: Error, CustomStringConvertible {
  public let description: String
}

/// Throws ``LawBroken`` with `message` unless `condition` holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(LawBroken) {
  guard condition else { throw LawBroken(description: message()) }
}
