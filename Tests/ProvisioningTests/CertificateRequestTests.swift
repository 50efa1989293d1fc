import Credentials
import Crypto
import FederatedCore
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Provisioning

@Suite struct CertificateRequestTests {
  private let key = P256.Signing.PrivateKey()
  private let party = Party(role: .site, name: "DU")

  private func refusal(_ pem: String) throws -> String {
    let error = try #require(#expect(throws: ConsiliumError.self) { try CertificateRequest(pem: pem) })
    #expect(error.code == .invalidInput)
    return error.message
  }

  /// A request as another program would make it.
  private func request(
    commonName: String = "DU", urns: [String] = ["urn:consilium::site:DU"], key: Certificate.PrivateKey? = nil
  ) throws -> CertificateSigningRequest {
    let names = urns.map(GeneralName.uniformResourceIdentifier)
    return try CertificateSigningRequest(
      version: .v1, subject: DistinguishedName { CommonName(commonName) }, privateKey: key ?? .init(self.key),
      attributes: .init([
        .init(ExtensionRequest(extensions: .init { SubjectAlternativeNames(names) }))
      ]))
  }

  @Test func aRequestIsReadBack() throws {
    let made = try CertificateRequest(party: party, consortium: "Glioma North", key: key)
    let read = try CertificateRequest(pem: made.pem)
    #expect(read.party == party)
    #expect(read.consortium == "Glioma North")
    #expect(read.fingerprint == made.fingerprint)
    #expect(read.publicKey.rawRepresentation == key.publicKey.rawRepresentation)
    #expect(try CertificateRequest(party: party, consortium: nil, key: key).consortium == nil)
    #expect(try CertificateRequest(pem: request().serializeAsPEM().pemString).party == party)
  }

  @Test func rejectsTruncatedRequest() throws {
    let pem = try CertificateRequest(party: party, consortium: nil, key: key).pem
    for count in stride(from: 0, to: pem.count - 2, by: 7) {
      #expect(try refusal(String(pem.prefix(count))).contains("this is not a certificate request"))
    }
    let der = try PEMDocument(pemString: pem).derBytes
    for count in [0, 1, 2, 10, der.count - 1] {
      let short = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: Array(der.prefix(count)))
      #expect(try refusal(short.pemString).contains("this is not a certificate request"))
    }
  }

  @Test func rejectsHugeRequest() throws {
    let pem = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: [UInt8](repeating: 0x30, count: 100_000))
    #expect(try refusal(pem.pemString).contains("bytes; a request has about 500"))
  }

  @Test func flippedBitNeverYieldsAnotherIdentity() throws {
    let made = try CertificateRequest(party: party, consortium: nil, key: key)
    let der = try PEMDocument(pemString: made.pem).derBytes
    var refusals: Set<String> = []
    for index in der.indices {
      var changed = der
      changed[index] ^= 1
      do {
        let read = try CertificateRequest(
          pem: PEMDocument(type: "CERTIFICATE REQUEST", derBytes: changed).pemString)
        // The encoding of the signature is not unique, so some flipped bits change nothing that is signed.
        #expect(read.party == party && read.consortium == nil, "byte \(index)")
        #expect(read.publicKey.rawRepresentation == key.publicKey.rawRepresentation, "byte \(index)")
        #expect(read.fingerprint != made.fingerprint, "byte \(index)")
      } catch {
        refusals.insert(error.message)
      }
    }
    #expect(
      refusals.contains { $0.contains("its signature does not match its key; it was changed in transfer") })
  }

  @Test func rejectsRequestSignedWithAnotherKey() throws {
    let mine = try request()
    let other = try request(key: .init(P256.Signing.PrivateKey()))
    let forged = try CertificateSigningRequest(
      version: .v1, subject: mine.subject, publicKey: mine.publicKey, attributes: mine.attributes,
      signatureAlgorithm: mine.signatureAlgorithm, signature: other.signature)
    #expect(try refusal(forged.serializeAsPEM().pemString).contains("its signature does not match its key"))
  }

  @Test(arguments: [
    "urn:consilium::site:..%2F..%2Fetc%2Fpasswd", "urn:consilium::site:%2Fetc", "urn:consilium::site:.",
    "urn:consilium::king:DU", "urn:consilium::site:", "urn:consilium:%2E%2E%2F:site:DU",
  ])
  func aNameThatIsNoneIsRefused(urn: String) throws {
    let pem = try request(urns: [urn]).serializeAsPEM().pemString
    #expect(throws: ConsiliumError.self) { try CertificateRequest(pem: pem) }
  }

  @Test func rejectsRequestWithoutExactlyOneName() throws {
    let two = try request(urns: ["urn:consilium::site:DU", "urn:consilium::lead:DU"]).serializeAsPEM()
      .pemString
    #expect(try refusal(two).contains("it has 2 alternative names urn:consilium:…, expected one"))
    #expect(try refusal(request(urns: []).serializeAsPEM().pemString).contains("it has 0 alternative names"))
    let other = try request(commonName: "HT").serializeAsPEM().pemString
    #expect(try refusal(other).contains("its common name is 'HT', but its alternative name says 'DU'"))
    let plain = try CertificateSigningRequest(
      version: .v1, subject: DistinguishedName { CommonName("DU") }, privateKey: .init(key),
      attributes: .init())
    #expect(try refusal(plain.serializeAsPEM().pemString).contains("it has 0 alternative names"))
  }

  @Test func anotherCurveIsRefused() throws {
    let pem = try request(key: .init(P384.Signing.PrivateKey())).serializeAsPEM().pemString
    #expect(try refusal(pem).contains("its key is not on the curve P-256"))
  }

  @Test func rejectsCertificateInPlaceOfRequest() throws {
    let other = PEMDocument(
      type: "CERTIFICATE", derBytes: try PEMDocument(pemString: request().serializeAsPEM().pemString).derBytes
    )
    #expect(try refusal(other.pemString).contains("this is not a certificate request"))
  }
}
