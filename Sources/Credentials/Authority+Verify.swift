import FederatedCore
import Foundation

extension Authority {
  /// Verifies a signature and the certificate in it.
  ///
  /// The certificate must have been valid when the signature was made: at the signature's own time if it has
  /// one, otherwise at `date`. A certificate later revoked as `replaced` or `left` still vouches for what it
  /// signed before. One revoked as `compromised` vouches for nothing, since whoever has the key can backdate
  /// a signature.
  ///
  /// - Returns: The signer.
  /// - Throws: ``ConsiliumError`` with the reason; see ``check(_:at:roles:)``.
  @discardableResult
  public func verify(
    _ signature: Signature, over statement: some DataProtocol, at date: Date
  ) throws(ConsiliumError) -> Party {
    let certificate = try PeerCertificate(derEncoded: Array(signature.certificate))
    guard certificate.party == signature.signer else {
      throw ConsiliumError(
        .invalidInput, "a signature of \(signature.signer) carries the certificate of \(certificate.party)")
    }
    try checkChain(of: certificate, at: signature.time ?? date)
    if let entry = revocations?[certificate.serial], entry.covers(signature) {
      throw ConsiliumError(
        .invalidInput,
        "the signature of \(certificate.party) is invalid: its certificate \(certificate.serial) was revoked on "
          + "\(Moment.text(entry.date)) (\(entry.reason.rawValue))")
    }
    guard certificate.isValid(signature, over: statement) else {
      throw ConsiliumError(
        .invalidInput,
        "the signature of \(certificate.party) does not match the signed text; one of them was changed")
    }
    return certificate.party
  }
}

extension RevocationList.Entry {
  /// Whether the revocation invalidates a signature.
  fileprivate func covers(_ signature: Signature) -> Bool {
    guard reason != .compromised, let time = signature.time else { return true }
    return time >= date
  }
}
