/// The sender of a request, as far as it is known.
struct Caller: Sendable {
  /// The visitor; `nil` if nobody is signed in.
  var visitor: Visitor?
  /// The session, certificate or visit cookie to which forms are tied; `nil` if the browser has shown none.
  var binding: String?
  /// The session's secret, if there is a session.
  var session: String?
  /// The reason why the browser's certificate was not accepted; `nil` if it was accepted or there is none.
  var refusal: String?
}
