import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization
import X509

/// Authenticates every call: the caller's certificate must come from the consortium's authority.
///
/// TLS has already checked the certificate chain. This type checks the role, the current revocations, and the
/// validity period.
public final class PeerAuthenticator: Sendable {
  private let authority: Mutex<Authority>
  private let now: @Sendable () -> Date
  /// The parsed certificates of open connections, kept because every call on a connection presents its
  /// certificate again.
  private let read = Mutex<[Certificate: PeerCertificate]>([:])
  private static let mostRead = 1024

  /// - Parameter now: the time at which certificates must be valid.
  public init(_ authority: Authority, now: @escaping @Sendable () -> Date = { Date() }) {
    self.authority = Mutex(authority)
    self.now = now
  }

  /// Applies a new revocation list from the next call on.
  public func update(_ authority: Authority) { self.authority.withLock { $0 = authority } }

  /// The certificate of the caller.
  ///
  /// - Throws: `RPCError` with code `.unauthenticated` or `.permissionDenied` and the reason, or
  ///   `.unavailable` if the certificate is expired or not yet valid.
  func admit(_ context: ServerContext, as roles: Set<Role>) throws -> PeerCertificate {
    let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
    guard let certificate = transport?.peerCertificate else {
      throw RPCError(code: .unauthenticated, message: "the connection presents no client certificate")
    }
    do {
      let peer = try peer(of: certificate)
      try check(peer, as: roles)
      return peer
    } catch {
      // A certificate that expired on an open connection may have been renewed. The next connection uses the
      // new certificate.
      throw RPCError(
        code: error.code == .unavailable ? .unavailable : .permissionDenied, message: error.message)
    }
  }

  private func peer(of certificate: Certificate) throws(ConsiliumError) -> PeerCertificate {
    if let peer = read.withLock({ $0[certificate] }) { return peer }
    let peer = try PeerCertificate(certificate)
    read.withLock { read in
      if read.count >= Self.mostRead { read.removeAll() }
      read[certificate] = peer
    }
    return peer
  }

  /// The site that calls.
  func admitSite(_ context: ServerContext) throws -> SiteID {
    SiteID(try admit(context, as: [.site]).party.name)
  }

  func check(_ peer: PeerCertificate, as roles: Set<Role>) throws(ConsiliumError) {
    let authority = authority.withLock { $0 }
    try authority.check(peer, at: now(), roles: roles)
  }
}
