import FederatedCore
import HummingbirdTLS
import NIOSSL

extension DashboardConfiguration.TLS {
  /// TLS 1.3, with a certificate of the browser's where it has one of the consortium's authority.
  func server() throws(ConsiliumError) -> TLSConfiguration {
    let chain = try parsed("certificate") { try NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8)) }
    let key = try parsed("private key") {
      try NIOSSLPrivateKey(bytes: Array(privateKeyPEM.utf8), format: .pem)
    }
    let authority = try parsed("authority's certificate") {
      try NIOSSLCertificate.fromPEMBytes(Array(authorityPEM.utf8))
    }
    guard !chain.isEmpty, !authority.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "the dashboard's certificate or its authority's is empty: give PEM with at least one certificate")
    }
    var server = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    server.minimumTLSVersion = .tlsv13
    server.applicationProtocols = ["http/1.1"]
    server.certificateVerification = .optionalVerification
    server.trustRoots = .certificates(authority)
    do {
      _ = try NIOSSLContext(configuration: server)
    } catch {
      throw ConsiliumError(
        .invalidInput,
        "the dashboard's certificate and private key do not work together: give the key that the certificate was issued for",
        cause: error)
    }
    return server
  }

  private func parsed<Value>(_ name: String, _ parse: () throws -> Value) throws(ConsiliumError) -> Value {
    do {
      return try parse()
    } catch {
      // The cause may quote what it read, so it stays out of the message.
      throw ConsiliumError(.invalidInput, "the dashboard's \(name) is not valid PEM", cause: error)
    }
  }
}
