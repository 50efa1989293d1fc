import Credentials
import Crypto
import FederatedCore
import Foundation

/// All certificates that an authority has issued, in order.
///
/// The revocation list states which of them are revoked.
struct CertificateRegister: Codable, Equatable {
  struct Entry: Codable, Equatable {
    var serial: String
    var party: Party
    var issued: Date
    var expires: Date
    /// The SHA-256 of the public key's DER, in hexadecimal.
    var key: String
    /// The whole certificate, in PEM.
    var certificate: String

    init(_ certificate: PeerCertificate, issued: Date) {
      (serial, party, expires) = (certificate.serial, certificate.party, certificate.notAfter)
      self.issued = issued
      key = certificate.publicKey.fingerprint
      self.certificate = certificate.pem
    }
  }

  var consortium: String
  var entries: [Entry] = []

  func entries(of party: Party) -> [Entry] { entries.filter { $0.party == party } }
}

extension CertificateRegister {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the file is missing or damaged.
  static func load(from url: URL) throws(ConsiliumError) -> CertificateRegister {
    let path = url.path(percentEncoded: false)
    let data = try SmallFile.read(url, what: "the authority's register", limit: 1 << 28)
    do {
      return try CanonicalJSON.decode(Self.self, from: data)
    } catch {
      throw ConsiliumError(
        .invalidInput, "the register '\(path)' is damaged; restore it from a backup", cause: error)
    }
  }

  func encoded() throws(ConsiliumError) -> Data {
    do {
      return try CanonicalJSON.encode(self, pretty: true) + Data("\n".utf8)
    } catch {
      throw ConsiliumError(.storage, "cannot write the register", cause: error)
    }
  }
}

extension P256.Signing.PublicKey {
  /// The SHA-256 of the key's DER, in hexadecimal.
  var fingerprint: String { Fingerprint.of(derRepresentation) }
}
