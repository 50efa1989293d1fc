import FederatedCore
import HummingbirdTLS
import NIOSSL

extension DashboardConfiguration.TLS {
  /// The server's TLS configuration: TLS 1.3, with an optional client certificate of the consortium's
  /// authority.
  func server() throws(ConsiliumError) -> TLSConfiguration {
    let own = own()
    let chain = try parsed("certificate") { try own.chain() }
    let key = try parsed("private key") { try own.key() }
    let authority = try parsed("authority's certificate") {
      try NIOSSLCertificate.fromPEMBytes(Array(authorityPEM.utf8))
    }
    guard !chain.isEmpty, !authority.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "the dashboard's certificate or its authority's is empty: give PEM with at least one certificate")
    }
    var server = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: key)
    server.minimumTLSVersion = .tlsv13
    server.applicationProtocols = ["http/1.1"]
    server.certificateVerification = .optionalVerification
    server.trustRoots = .certificates(authority)
    do {
      _ = try NIOSSLContext(configuration: server)
    } catch {
      throw ConsiliumError(
        .invalidInput,
        "the dashboard's certificate and private key do not belong together: give the key for which the certificate was issued",
        cause: error)
    }
    server.sslContextCallback = { [ask = self.own] _, promise in
      var current = NIOSSLContextConfigurationOverride()
      let own = ask()
      // If a renewed file cannot be read, the connection uses the certificate that was read at the
      // dashboard's start.
      if let chain = try? own.chain(), !chain.isEmpty, let key = try? own.key() {
        (current.certificateChain, current.privateKey) = (chain, key)
      }
      promise.succeed(current)
    }
    return server
  }

  private func parsed<Value>(_ name: String, _ parse: () throws -> Value) throws(ConsiliumError) -> Value {
    do {
      return try parse()
    } catch {
      // Keep the cause out of the message, since it may quote the key.
      throw ConsiliumError(.invalidInput, "the dashboard's \(name) is not valid PEM", cause: error)
    }
  }
}

extension DashboardConfiguration.TLS.Certificate {
  fileprivate func chain() throws -> [NIOSSLCertificateSource] {
    try NIOSSLCertificate.fromPEMBytes(Array(chainPEM.utf8)).map { .certificate($0) }
  }

  fileprivate func key() throws -> NIOSSLPrivateKeySource {
    .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKeyPEM.utf8), format: .pem))
  }
}
