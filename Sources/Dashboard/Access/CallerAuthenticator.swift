import Credentials
import Crypto
import FederatedCore
import Foundation
import Hummingbird
import NIOCore
import NIOSSL

/// Authenticates the sender of a request by the session cookie or, if there is no session, by the
/// connection's certificate.
struct CallerAuthenticator: Sendable {
  let configuration: DashboardConfiguration
  let sessions = Sessions()
  let attempts = AttemptLimit()
  let seal = CSRFToken()

  /// The prefix of cookie names. It makes browsers insist on TLS, this host and all paths.
  private var prefix: String { configuration.tls == nil ? "" : "__Host-" }
  private var sessionCookie: String { prefix + "consilium-session" }
  private var visitCookie: String { prefix + "consilium-visit" }

  func caller(of request: Request, over channel: any Channel) async -> Caller {
    var caller = Caller(binding: request.cookies[visitCookie].map { "visit:" + $0.value })
    if let id = request.cookies[sessionCookie]?.value {
      if sessions.endIfRevoked(id, revoked: revoked) { caller.refusal = Self.signedOut }
      if let visitor = sessions.visitor(of: id, now: configuration.now()) {
        return Caller(visitor: visitor, binding: "session:" + id, session: id)
      }
    }
    guard let recognise = configuration.tls?.recognise,
      let certificate = try? await channel.nioSSL_peerCertificate().get(),
      let bytes = try? certificate.toDERBytes()
    else { return caller }
    do {
      let party = try await recognise(bytes)
      guard Visitor.roles.contains(party.role) else {
        throw ConsiliumError(
          .invalidInput,
          "The certificate of \(party) belongs to a machine. Use the certificate of a study lead, an operator or an observer."
        )
      }
      caller.visitor = Visitor(party: party, signIn: .certificate)
      caller.binding = "certificate:" + SHA256.hash(data: bytes).hex
    } catch {
      caller.refusal = (error as? ConsiliumError)?.message ?? "The certificate could not be checked."
    }
    return caller
  }

  private func revoked(_ person: Party) -> Set<String> { Set(configuration.revocations(person).keys) }

  private static let signedOut =
    "You were signed out, since a certificate of yours was revoked. Ask the coordinator's administrator for a new token."

  /// The cookie that ties the sign-in form to this browser.
  func visitCookie(_ value: String) -> Cookie { cookie(visitCookie, value, maxAge: 3600) }

  /// Opens a session and returns its cookie.
  func open(_ visitor: Visitor) -> Cookie {
    let id = sessions.open(
      for: visitor, revoked: revoked(visitor.party), now: configuration.now())
    return cookie(sessionCookie, id, maxAge: Int(Sessions.lifetime))
  }

  /// Ends a session and returns a cookie that deletes it in the browser.
  func close(_ id: String) -> Cookie {
    sessions.close(id)
    return cookie(sessionCookie, "", maxAge: 0)
  }

  private func cookie(_ name: String, _ value: String, maxAge: Int) -> Cookie {
    Cookie(
      name: name, value: value, maxAge: maxAge, path: "/", secure: configuration.tls != nil, httpOnly: true,
      sameSite: .strict)
  }
}
