import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension IdentityFolder {
  /// Installs the certificate that the authority issued. The certificate's key is already in the folder.
  ///
  /// At every moment the folder holds one whole identity, either the old or the new one. A running agent uses
  /// the new identity after it next reads the folder.
  ///
  /// - Parameters:
  ///   - chain: The certificate, optionally followed by the authority's, in PEM.
  ///   - authorityPEM: The authority's certificate; `nil` to take it from `chain`. Not needed if the folder
  ///     already holds the authority.
  ///   - fingerprint: The authority's fingerprint as it was read out; `nil` skips the comparison.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the certificate is for a different key, party
  ///   or authority, or is invalid.
  package func install(
    chain: String, authorityPEM: String? = nil, fingerprint: String? = nil, passphrase: Passphrase? = nil,
    now: Date
  ) throws(ConsiliumError) -> Identity {
    removeLeftovers()
    let new = try authority(of: chain, authorityPEM)
    if let fingerprint, !Fingerprint.areEqual(fingerprint, new.fingerprint) {
      throw ConsiliumError(
        .invalidInput,
        "the authority's certificate has the fingerprint \(Fingerprint.grouped(new.fingerprint)), not the one that was read out; "
          + "someone may have replaced it")
    }
    let (identity, isRenewal) = try identity(chain, new, passphrase)
    try new.check(identity.certificate, at: now)
    try checkParty(of: identity)
    if !holds(authority) { try AtomicFile.write(Data(new.pem.utf8), to: authority) }
    try AtomicFile.write(Data(identity.certificatePEM.utf8), to: certificate)
    if isRenewal, rename(renewalKey.path(percentEncoded: false), key.path(percentEncoded: false)) != 0 {
      throw ConsiliumError(
        .storage,
        "cannot replace '\(key.path(percentEncoded: false))': \(String(cString: strerror(errno))); run the same command again"
      )
    }
    // Remove the fulfilled request. Otherwise a certificate would seem to be pending.
    try? FileManager.default.removeItem(at: request)
    return identity
  }

  /// Stores a newer revocation list of the folder's authority.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the list is older than the stored list, or
  ///   comes from a different authority.
  package func store(_ list: RevocationList) throws(ConsiliumError) {
    _ = try trustedAuthority().updated(with: list)
    try AtomicFile.write(list.encoded(), to: revocations)
  }

  /// The authority to trust: the authority in the folder or, if the folder has none, `given`. If `given` is
  /// `nil`, the authority at the end of the chain is used.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is none at all, or if the folder already
  ///   holds a different one.
  private func authority(of chain: String, _ given: String?) throws(ConsiliumError) -> Authority {
    let installed: Authority? = if holds(self.authority) { try trustedAuthority() } else { nil }
    let offered: Authority? =
      if let given { try Authority(pem: given) } else { try Authority.last(in: chain) }
    if let installed, let offered, installed.fingerprint != offered.fingerprint {
      throw ConsiliumError(
        .invalidInput,
        "the certificate comes with a different authority from '\(authority.path(percentEncoded: false))'; if the consortium has a "
          + "new one, enrol in a new folder")
    }
    guard let authority = installed ?? offered else {
      throw ConsiliumError(
        .invalidInput, "the authority's certificate is missing; name its file with --authority")
    }
    return authority
  }

  private func identity(
    _ chain: String, _ authority: Authority, _ passphrase: Passphrase?
  ) throws(ConsiliumError) -> (Identity, isRenewal: Bool) {
    guard holds(key) else {
      throw ConsiliumError(
        .invalidInput,
        "'\(url.path(percentEncoded: false))' holds no key; install the certificate in the folder in which 'consilium provision enrol' was run"
      )
    }
    if holds(renewalKey) {
      let renewed = try PrivateKeyFile.read(renewalKey, passphrase: passphrase)
      if let identity = try? Identity(certificatePEM: chain, privateKey: renewed, authority: authority) {
        return (identity, true)
      }
    }
    let identity = try Identity(
      certificatePEM: chain, privateKey: try PrivateKeyFile.read(key, passphrase: passphrase),
      authority: authority)
    return (identity, false)
  }

  private func checkParty(of identity: Identity) throws(ConsiliumError) {
    let asked = try? CertificateRequest(file: request).party
    let before = try? PeerCertificate(pem: SmallFile.text(certificate, what: "a certificate")).party
    if let expected = asked ?? before, expected != identity.party {
      throw ConsiliumError(
        .invalidInput, "the certificate is for \(identity.party), but the request was for \(expected)")
    }
  }
}
