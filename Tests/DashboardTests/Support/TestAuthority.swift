import Credentials
import Crypto
import Foundation
import SwiftASN1
import X509

/// Creates certificates for tests: an authority, and leaf certificates whose common name is their party.
struct TestAuthority: Sendable {
  struct Leaf: Sendable {
    var certificatePEM: String
    var privateKeyPEM: String
  }

  private let key = P256.Signing.PrivateKey()
  private let name: DistinguishedName
  let pem: String

  init(_ name: String = "Test authority") throws {
    self.name = try DistinguishedName { CommonName(name) }
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: Date() - 3600,
      notValidAfter: Date() + 3600, issuer: self.name, subject: self.name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: .init {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true))
      }, issuerPrivateKey: .init(key))
    pem = try certificate.serializeAsPEM().pemString
  }

  func leaf(_ commonName: String) throws -> Leaf {
    let own = P256.Signing.PrivateKey()
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(own.publicKey), notValidBefore: Date() - 3600,
      notValidAfter: Date() + 3600, issuer: name, subject: DistinguishedName { CommonName(commonName) },
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: .init {
        Critical(BasicConstraints.notCertificateAuthority)
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        SubjectAlternativeNames([.dnsName("localhost")])
      }, issuerPrivateKey: .init(key))
    return try Leaf(
      certificatePEM: certificate.serializeAsPEM().pemString, privateKeyPEM: own.pemRepresentation)
  }

  /// The party that a certificate's common name states.
  static func party(of certificate: [UInt8]) throws -> Party {
    let subject = try Certificate(derEncoded: certificate).subject.description
    let parts = subject.dropFirst("CN=".count).split(separator: "/")
    guard parts.count == 2, let role = Role(rawValue: String(parts[0])) else { throw CertificateFault() }
    return Party(role: role, name: String(parts[1]))
  }

  struct CertificateFault: Error {}
}
