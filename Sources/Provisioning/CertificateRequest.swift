import Credentials
import Crypto
import FederatedCore
import Foundation
import SwiftASN1
import X509

/// A party's request to the consortium's authority: a PKCS#10 request (RFC 2986) whose signature has been
/// verified.
package struct CertificateRequest: Sendable {
  package let party: Party
  /// The consortium that the party names; `nil` if the party leaves the choice to the authority.
  package let consortium: String?
  package let pem: String
  /// The SHA-256 of the request's DER, in hexadecimal. Comparing it over the telephone proves that nobody
  /// replaced the request.
  package let fingerprint: String
  package let publicKey: P256.Signing.PublicKey

  /// Requests a certificate for a key.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a name is not allowed.
  package init(
    party: Party, consortium: String?, key: P256.Signing.PrivateKey
  ) throws(ConsiliumError) {
    try Party.check(name: party.name, of: party.role)
    if let consortium { try Consortium.check(name: consortium) }
    let name = CertifiedName(consortium: consortium ?? "", party: party)
    let text: String
    do {
      let extensions = try Certificate.Extensions {
        SubjectAlternativeNames([.uniformResourceIdentifier(name.urn)])
      }
      let request = try CertificateSigningRequest(
        version: .v1, subject: DistinguishedName { CommonName(party.name) }, privateKey: .init(key),
        attributes: .init([.init(ExtensionRequest(extensions: extensions))]),
        signatureAlgorithm: .ecdsaWithSHA256)
      text = try request.serializeAsPEM().pemString + "\n"
    } catch {
      throw ConsiliumError(.storage, "cannot create the certificate request", cause: error)
    }
    try self.init(pem: text)
  }

  /// Reads a request, which may come from a stranger.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that states what is wrong with it.
  package init(pem text: String) throws(ConsiliumError) {
    guard text.utf8.count <= 1 << 14 else {
      throw Self.fault("it has \(text.utf8.count) bytes; a request has about 500")
    }
    let document: PEMDocument
    let request: CertificateSigningRequest
    do {
      document = try PEMDocument(pemString: text)
      request = try CertificateSigningRequest(pemDocument: document)
    } catch {
      throw ConsiliumError(
        .invalidInput,
        "this is not a certificate request; expected one complete '-----BEGIN CERTIFICATE REQUEST-----' in PEM, as "
          + "'consilium provision enrol' writes it", cause: error)
    }
    guard let key = P256.Signing.PublicKey(request.publicKey) else {
      throw Self.fault("its key is not on the curve P-256")
    }
    guard request.publicKey.isValidSignature(request.signature, for: request) else {
      throw Self.fault("its signature does not match its key; it was changed in transfer")
    }
    let name = try Self.name(in: request)
    guard request.subject.commonName == name.party.name else {
      let found = request.subject.commonName?.quotedForMessage ?? "missing or not unique"
      throw Self.fault(
        "its common name is \(found), but its alternative name says \(name.party.name.quotedForMessage)")
    }
    (party, consortium) = (name.party, name.consortium.isEmpty ? nil : name.consortium)
    (pem, publicKey) = (document.pemString + "\n", key)
    fingerprint = Fingerprint.of(document.derBytes)
  }

  /// Reads a request from a file; see ``init(pem:)``.
  package init(file: URL) throws(ConsiliumError) {
    try self.init(pem: try SmallFile.text(file, what: "a certificate request"))
  }

  private static func name(in request: CertificateSigningRequest) throws(ConsiliumError) -> CertifiedName {
    let names = try? request.attributes.extensionRequest?.extensions.subjectAlternativeNames
    let urns = (names.map(Array.init) ?? []).compactMap(\.certifiedURN)
    guard urns.count == 1, let urn = urns.first else {
      throw fault("it has \(urns.count) alternative names \(CertifiedName.prefix)…, expected one")
    }
    return try CertifiedName(urn: urn)
  }

  private static func fault(_ text: String) -> ConsiliumError {
    ConsiliumError(.invalidInput, "the certificate request cannot be used: \(text)")
  }
}
