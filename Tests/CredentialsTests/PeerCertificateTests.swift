import CredentialsTesting
import Crypto
import FederatedCore
import Foundation
import Testing
import X509

@testable import Credentials

/// Well-formed certificates that do not belong to a consortium.
@Suite struct PeerCertificateTests {
  private let key = P256.Signing.PrivateKey()

  private func certificate(
    commonName: String = "DU",
    names: [GeneralName] = [.uniformResourceIdentifier("urn:consilium:test:site:DU")],
    key: Certificate.PrivateKey? = nil
  ) throws -> Certificate {
    let key = key ?? .init(self.key)
    let name = try DistinguishedName { CommonName(commonName) }
    return try Certificate(
      version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: Date(),
      notValidAfter: Date(timeIntervalSinceNow: 60), issuer: name, subject: name,
      extensions: try Certificate.Extensions { SubjectAlternativeNames(names) }, issuerPrivateKey: key)
  }

  private func refusal(_ certificate: Certificate) throws -> String {
    try #require(#expect(throws: ConsiliumError.self) { try PeerCertificate(certificate) }).message
  }

  @Test func rejectsCertificateWithoutParty() throws {
    let message = try refusal(certificate(names: [.dnsName("hub.example.org")]))
    #expect(message.contains("it has 0 alternative names urn:consilium:…, expected one"))
    let two = try refusal(
      certificate(names: [
        .uniformResourceIdentifier("urn:consilium:test:site:DU"),
        .uniformResourceIdentifier("urn:consilium:test:lead:DU"),
      ]))
    #expect(two.contains("it has 2 alternative names"))
    let none = try refusal(certificate(names: [.uniformResourceIdentifier("urn:consilium::site:DU")]))
    #expect(none.contains("it names no consortium"))
  }

  @Test func rejectsCertificateWithTwoNames() throws {
    #expect(
      try refusal(certificate(commonName: "HT")).contains(
        "its common name differs from its alternative name 'DU'"))
  }

  @Test func rejectsOtherKindOfKey() throws {
    let message = try refusal(certificate(key: .init(P384.Signing.PrivateKey())))
    #expect(message.contains("its key is not on the curve P-256"))
  }

  @Test func rejectsDamagedBytes() throws {
    let good = try certificate().derBytes
    #expect(throws: Never.self) { try PeerCertificate(derEncoded: good) }
    for bytes in [[], [0x30], Array(good.dropLast()), good + [0], [UInt8](repeating: 0x30, count: 100_000)] {
      let error = #expect(throws: ConsiliumError.self) { try PeerCertificate(derEncoded: bytes) }
      #expect(error?.code == .invalidInput)
    }
  }

  @Test func flippedBitNeverYieldsAnotherIdentity() throws {
    let authority = try TestAuthority()
    let good = try authority.identity(.site, "DU").certificate
    for index in good.derEncoded.indices {
      var bytes = good.derEncoded
      bytes[index] ^= 1
      guard let changed = try? PeerCertificate(derEncoded: bytes),
        (try? authority.authority.check(changed, at: Date())) != nil
      else { continue }
      // The encoding of the signature is not unique, so some flipped bits change nothing that is signed.
      #expect(
        changed.certificate.tbsCertificateBytes == good.certificate.tbsCertificateBytes, "byte \(index)")
    }
  }
}
