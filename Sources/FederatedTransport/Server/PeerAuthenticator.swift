import Credentials
import FederatedCore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization
import X509

/// Lets in whom the consortium's authority vouches for, at every call.
///
/// TLS has checked the chain of certificates; here follow the role, the revocations as they are now, and the time.
public final class PeerAuthenticator: Sendable {
  private let authority: Mutex<Authority>
  private let now: @Sendable () -> Date
  /// What the certificates of open connections say: a connection shows its own at every call.
  private let read = Mutex<[Certificate: PeerCertificate]>([:])
  private static let mostRead = 1024

  /// - Parameter now: the time at which certificates must be valid.
  public init(_ authority: Authority, now: @escaping @Sendable () -> Date = { Date() }) {
    self.authority = Mutex(authority)
    self.now = now
  }

  /// Takes another list of revocations into account from the next call on.
  public func update(_ authority: Authority) { self.authority.withLock { $0 = authority } }

  /// Who calls.
  ///
  /// - Throws: `RPCError` with code `.unauthenticated` or `.permissionDenied` that says why not.
  func admit(_ context: ServerContext, as roles: Set<Role>) throws -> PeerCertificate {
    let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
    guard let certificate = transport?.peerCertificate else {
      throw RPCError(code: .unauthenticated, message: "the connection shows no client certificate")
    }
    do {
      let peer = try peer(of: certificate)
      try check(peer, as: roles)
      return peer
    } catch {
      // A certificate that has run out on an open connection may have been renewed: the next one shows the new one.
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
