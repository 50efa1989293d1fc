import FederatedCore
import Foundation
@_spi(FixedExpiryValidationTime) import X509

extension Authority {
  /// Checks that a certificate is valid: issued by this authority, in date, not revoked, and held by one of
  /// `roles`.
  ///
  /// - Throws: ``ConsiliumError`` with the reason; its code is `.unavailable` if the certificate has expired
  ///   or is not yet valid, otherwise `.invalidInput`.
  public func check(
    _ certificate: PeerCertificate, at date: Date, roles: Set<Role> = Set(Role.allCases)
  ) throws(ConsiliumError) {
    try checkChain(of: certificate, at: date)
    if let entry = revocations?[certificate.serial] {
      throw ConsiliumError(
        .invalidInput,
        "the certificate \(certificate.serial) of \(certificate.party) was revoked on \(Moment.text(entry.date)) "
          + "(\(entry.reason.rawValue)); ask the authority of '\(consortium)' for a new one")
    }
    guard roles.contains(certificate.party.role) else {
      let expected = Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: " or ")
      throw ConsiliumError(
        .invalidInput,
        "the certificate of \(certificate.party) has the role \(certificate.party.role.rawValue); expected \(expected)"
      )
    }
  }

  /// Checks the certificate's chain, dates and constraints according to RFC 5280.
  func checkChain(of certificate: PeerCertificate, at date: Date) throws(ConsiliumError) {
    let (root, leaf, date) = (self.certificate, certificate.certificate, Moment.clamped(date))
    let isValid = CallingThread.run { () async -> Bool in
      var verifier = Verifier(rootCertificates: CertificateStore([root])) {
        RFC5280Policy(fixedExpiryValidationTime: date)
      }
      let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore())
      if case .validCertificate = result { return true }
      return false
    }
    guard isValid == true else { throw refusal(of: certificate, at: date) }
    guard certificate.consortium == consortium else {
      throw ConsiliumError(
        .invalidInput,
        "the certificate of \(certificate.party) is for the consortium '\(certificate.consortium)'; expected '\(consortium)'"
      )
    }
  }

  /// The error that states why the verifier refused a certificate.
  private func refusal(of leaf: PeerCertificate, at date: Date) -> ConsiliumError {
    let name = "the certificate of \(leaf.party)"
    let isOurs =
      leaf.certificate.issuer == certificate.subject
      && certificate.publicKey.isValidSignature(leaf.certificate.signature, for: leaf.certificate)
    if !isOurs {
      return ConsiliumError(
        .invalidInput,
        "\(name) was not issued by the authority of '\(consortium)' (fingerprint \(fingerprint.prefix(16))…); ask that authority "
          + "for one")
    }
    if date < leaf.notBefore || date < notBefore {
      return ConsiliumError(
        .unavailable,
        "\(name) is not valid before \(Moment.text(max(leaf.notBefore, notBefore))), and it is \(Moment.text(date)) here; "
          + "is the clock right?")
    }
    if date > leaf.notAfter {
      return ConsiliumError(
        .unavailable,
        "\(name) expired on \(Moment.text(leaf.notAfter)), and it is \(Moment.text(date)) here; its holder asks for a new one "
          + "with 'consilium provision renew'")
    }
    if date > notAfter {
      return ConsiliumError(
        .unavailable,
        "the authority of '\(consortium)' itself expired on \(Moment.text(notAfter)); the consortium needs a new one"
      )
    }
    return ConsiliumError(.invalidInput, "\(name) breaks the rules for certificates (RFC 5280)")
  }
}
