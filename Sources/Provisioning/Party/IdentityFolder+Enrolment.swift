import Credentials
import Crypto
import FederatedCore
import Foundation
import ParameterFiles

extension IdentityFolder {
  /// Makes a party's key in a new folder, and the request to send to the authority; the key stays.
  ///
  /// Called again before the certificate has come, it returns the request that is waiting.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where the folder holds an identity already.
  package func enrol(
    _ party: Party, consortium: String? = nil, passphrase: Passphrase? = nil
  ) throws(ConsiliumError) -> CertificateRequest {
    try Party.check(name: party.name, of: party.role)
    if let consortium { try Consortium.check(name: consortium) }
    try PrivateFile.createFolder(url)
    let path = url.path(percentEncoded: false)
    guard !holds(certificate) else {
      throw ConsiliumError(
        .unavailable,
        "'\(path)' holds an identity already; renew it with 'consilium provision renew', or choose another folder"
      )
    }
    if !holds(key) {
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: key, passphrase: passphrase)
    }
    return try ask(
      for: party, consortium: consortium, key: try PrivateKeyFile.read(key, passphrase: passphrase))
  }

  /// Makes a fresh key, and the request to send to the authority; the identity stays as it is until the certificate is installed.
  package func renew(passphrase: Passphrase? = nil) throws(ConsiliumError) -> CertificateRequest {
    let identity = try Identity.load(from: url, passphrase: passphrase)
    if passphrase != nil, try !PrivateKeyFile.isEncrypted(key) {
      throw ConsiliumError(
        .invalidInput, "'\(key.path(percentEncoded: false))' has no passphrase; leave out --passphrase-file")
    }
    if !holds(renewalKey) {
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: renewalKey, passphrase: passphrase)
    }
    return try ask(
      for: identity.party, consortium: identity.certificate.consortium,
      key: try PrivateKeyFile.read(renewalKey, passphrase: passphrase))
  }

  /// The request for a key; the one that is there where it is for the same, since its fingerprint may have been read out.
  private func ask(
    for party: Party, consortium: String?, key: P256.Signing.PrivateKey
  ) throws(ConsiliumError) -> CertificateRequest {
    if let waiting = try? CertificateRequest(file: request), waiting.party == party,
      waiting.consortium == consortium, waiting.publicKey.rawRepresentation == key.publicKey.rawRepresentation
    {
      return waiting
    }
    let new = try CertificateRequest(party: party, consortium: consortium, key: key)
    try AtomicFile.write(Data(new.pem.utf8), to: request)
    return new
  }
}
