/// Who sends a request, as far as it shows.
struct Caller: Sendable {
  /// Nil where nobody is signed in.
  var visitor: Visitor?
  /// What forms are tied to; nil where the browser has shown nothing yet.
  var binding: String?
  /// The session's secret, where there is a session.
  var session: String?
  /// Why the certificate that was shown does not count.
  var refusal: String?
}
