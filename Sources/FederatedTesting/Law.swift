/// A violation of a law, which fails the test that checks it.
public struct LawBroken: Error, CustomStringConvertible {
  public let description: String
}

/// Throws ``LawBroken`` with `message` unless `condition` holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(LawBroken) {
  guard condition else { throw LawBroken(description: message()) }
}
