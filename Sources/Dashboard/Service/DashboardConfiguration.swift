import Credentials
import Foundation

/// The result of presenting a token.
public enum SignInAttempt: Sendable, Equatable {
  case succeeded(Party)
  /// The attempt from this address failed.
  case failed(address: String)
}

/// The dashboard's settings: its address, its credentials and its access rules.
public struct DashboardConfiguration: Sendable {
  /// The dashboard's own certificate, and the authority whose certificates it trusts; TLS 1.3 only.
  public struct TLS: Sendable {
    /// A certificate chain, own certificate first, and its private key.
    public struct Certificate: Sendable {
      public var chainPEM: String
      public var privateKeyPEM: String

      public init(chainPEM: String, privateKeyPEM: String) {
        self.chainPEM = chainPEM
        self.privateKeyPEM = privateKeyPEM
      }
    }

    /// Returns the dashboard's current certificate. Called for each connection, so that a renewed certificate
    /// is used without a restart.
    public var own: @Sendable () -> Certificate
    /// The consortium's authority. A certificate of another authority is refused in the handshake.
    public var authorityPEM: String
    /// Returns the holder of a certificate of the authority, given in DER. Throws the reason if the
    /// certificate is invalid: revoked or expired. Called for each request, so that a revocation takes effect
    /// at once.
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
  /// The port; 0 lets the system choose.
  public var port: Int
  /// The TLS settings. `nil` is allowed only on a loopback address, behind a proxy that provides TLS.
  public var tls: TLS?
  public var tokens: SignInTokens
  /// A port of 127.0.0.1 that answers `/metrics`, `/healthz` and `/readyz` to every program on this machine;
  /// `nil` for none.
  ///
  /// Not everyone in a hospital's network should see what a consortium trains, with whom, and how far it has
  /// come. The dashboard's own port therefore shows metrics only to signed-in visitors, while a collector on
  /// the same machine needs no secret.
  public var monitoringPort: Int?
  /// Whether the dashboard's own port shows `/metrics` to everyone, for a trusted network with a remote
  /// collector.
  public var opensMetrics: Bool
  /// The interval between signs of life to waiting browsers.
  public var heartbeat: Duration
  /// Returns the revoked certificates of a person in any role: the time of revocation by serial. Leaves out
  /// certificates that were only replaced.
  ///
  /// Called for each request of a session that a token opened, so that a revocation ends the session at once.
  public var revocations: @Sendable (Party) -> [String: Date]
  /// Called for each attempt to sign in by token, before a successful attempt takes effect. If it throws, the
  /// sign-in fails.
  public var signingIn: @Sendable (SignInAttempt) async throws -> Void
  public var limits: DashboardLimits
  /// The clock for sessions and tokens.
  public var now: @Sendable () -> Date

  public init(
    address: String = "127.0.0.1", port: Int, tls: TLS?, tokens: SignInTokens, monitoringPort: Int? = nil,
    opensMetrics: Bool = false, heartbeat: Duration = .seconds(15),
    revocations: @escaping @Sendable (Party) -> [String: Date] = { _ in [:] },
    signingIn: @escaping @Sendable (SignInAttempt) async throws -> Void = { _ in },
    limits: DashboardLimits = DashboardLimits(), now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.address = address
    self.port = port
    self.tls = tls
    self.tokens = tokens
    self.monitoringPort = monitoringPort
    self.opensMetrics = opensMetrics
    self.heartbeat = heartbeat
    self.revocations = revocations
    self.signingIn = signingIn
    self.limits = limits
    self.now = now
  }
}
