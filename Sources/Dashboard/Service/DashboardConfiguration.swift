import Credentials
import Foundation

/// What came of a token that somebody showed.
public enum SignInAttempt: Sendable, Equatable {
  case succeeded(Party)
  /// Of whoever is at this address.
  case failed(address: String)
}

/// Where the dashboard listens, what it proves itself with and whom it lets in.
public struct DashboardConfiguration: Sendable {
  /// What the dashboard proves itself with, and whose certificates it trusts; TLS 1.3 only.
  public struct TLS: Sendable {
    /// A certificate's chain, own certificate first, and its key.
    public struct Certificate: Sendable {
      public var chainPEM: String
      public var privateKeyPEM: String

      public init(chainPEM: String, privateKeyPEM: String) {
        self.chainPEM = chainPEM
        self.privateKeyPEM = privateKeyPEM
      }
    }

    /// The dashboard's certificate as it is now. Asked for each connection, so that a renewed one counts without a restart.
    public var own: @Sendable () -> Certificate
    /// The consortium's authority; a browser that shows a certificate of another is refused in the handshake.
    public var authorityPEM: String
    /// Who shows a certificate of the authority, given in DER; throws the reason where it does not count: revoked, expired.
    /// Asked at each request, so that a revocation takes effect at once.
    public var recognise: @Sendable (_ certificate: [UInt8]) async throws -> Party

    public init(
      authorityPEM: String, own: @escaping @Sendable () -> Certificate,
      recognise: @escaping @Sendable (_ certificate: [UInt8]) async throws -> Party
    ) {
      self.authorityPEM = authorityPEM
      self.own = own
      self.recognise = recognise
    }
  }

  public var address: String
  /// 0 lets the system choose.
  public var port: Int
  /// Nil only on a loopback address, behind a program that speaks TLS.
  public var tls: TLS?
  public var tokens: SignInTokens
  /// A port of 127.0.0.1 that answers `/metrics`, `/healthz` and `/readyz` to every program of this machine; nil for none.
  ///
  /// What a consortium trains, with whom and how far it is, is not for everyone in a hospital's network. Hence the
  /// dashboard's own port gives metrics to visitors who signed in only, while a collector on the same machine needs no secret.
  public var monitoringPort: Int?
  /// Gives `/metrics` on the dashboard's own port to everyone, where the network is trusted and the collector is elsewhere.
  public var opensMetrics: Bool
  /// The time between signs of life to browsers that wait for changes.
  public var heartbeat: Duration
  /// Told of each sign-in by token before it counts; where it throws, nobody is let in.
  public var signingIn: @Sendable (SignInAttempt) async throws -> Void
  /// The clock of sessions and tokens.
  public var now: @Sendable () -> Date

  public init(
    address: String = "127.0.0.1", port: Int, tls: TLS?, tokens: SignInTokens, monitoringPort: Int? = nil,
    opensMetrics: Bool = false, heartbeat: Duration = .seconds(15),
    signingIn: @escaping @Sendable (SignInAttempt) async throws -> Void = { _ in },
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.address = address
    self.port = port
    self.tls = tls
    self.tokens = tokens
    self.monitoringPort = monitoringPort
    self.opensMetrics = opensMetrics
    self.heartbeat = heartbeat
    self.signingIn = signingIn
    self.now = now
  }
}
