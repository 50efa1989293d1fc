import Credentials
import Crypto
import FederatedCore
import Foundation
import ParameterFiles

extension IdentityFolder {
  /// Creates a party's key in a new folder, and the request to send to the authority. The key never leaves
  /// the folder.
  ///
  /// If called again before the certificate has arrived, it returns the pending request.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the folder already holds an identity.
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
        "'\(path)' already holds an identity; renew it with 'consilium provision renew', or choose another folder"
      )
    }
    removeLeftovers()
    if !holds(key) {
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: key, passphrase: passphrase)
    }
    return try ask(
      for: party, consortium: consortium, key: try PrivateKeyFile.read(key, passphrase: passphrase))
  }

  /// Creates a fresh key, and the request to send to the authority. The identity stays as it is until the new
  /// certificate is installed.
  package func renew(passphrase: Passphrase? = nil) throws(ConsiliumError) -> CertificateRequest {
    let identity = try Identity.load(from: url, passphrase: passphrase)
    if passphrase != nil, try !PrivateKeyFile.isEncrypted(key) {
      throw ConsiliumError(
        .invalidInput, "'\(key.path(percentEncoded: false))' has no passphrase; leave out --passphrase-file")
    }
    removeLeftovers()
    if !holds(renewalKey) {
      try PrivateKeyFile.create(P256.Signing.PrivateKey(), at: renewalKey, passphrase: passphrase)
    }
    return try ask(
      for: identity.party, consortium: identity.certificate.consortium,
      key: try PrivateKeyFile.read(renewalKey, passphrase: passphrase))
  }

  /// Removes the temporary files that earlier commands left beside the folder's keys.
  func removeLeftovers() {
    for file in [key, renewalKey] { PrivateFile.removeLeftovers(of: file) }
  }

  /// Returns the request for a key. Keeps an equal request that is already in the folder: its fingerprint may
  /// have been read out to the authority.
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
