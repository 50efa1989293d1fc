import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// The decisions of the authority's administrator about a request.
  package struct Terms: Sendable {
    package var days = 90
    /// The addresses at which a coordinator can be reached. If empty, the new certificate has those of the
    /// previous certificate.
    package var addresses: [ServerAddress] = []
    /// The request's fingerprint as the party read it out; `nil` skips the comparison.
    package var fingerprint: String?
    /// Whether the certificate may be for a key that differs from the party's registered key.
    package var replacesKey = false

    package init() {}
  }

  /// Issues the certificate that a party requests, and registers it.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the request has a different fingerprint or is
  ///   for a different consortium, or if the party is registered with a different key.
  package func issue(
    _ request: CertificateRequest, _ terms: Terms = Terms(), passphrase: Passphrase? = nil, now: Date
  ) throws(ConsiliumError) -> PeerCertificate {
    try check(request, terms)
    return try FolderLock.hold(url) { () throws(ConsiliumError) in
      var register = try register()
      try check(request.party, key: request.publicKey.fingerprint, terms, in: register)
      let certificate = try certificates(passphrase).issue(
        request.party, publicKey: request.publicKey,
        addresses: try addresses(for: request.party, terms, in: register),
        notBefore: now.addingTimeInterval(-Self.leeway),
        notAfter: now.addingTimeInterval(Double(terms.days) * 86_400))
      register.entries.append(.init(certificate, issued: now))
      try AtomicFile.write(register.encoded(), to: files.register)
      return certificate
    }
  }

  /// The party's certificate followed by the authority's, in PEM, for the party to install.
  package func chain(_ certificate: PeerCertificate) -> String { certificate.pem + authority.pem }

  private func check(_ request: CertificateRequest, _ terms: Terms) throws(ConsiliumError) {
    if let expected = terms.fingerprint, !Fingerprint.areEqual(expected, request.fingerprint) {
      throw ConsiliumError(
        .invalidInput,
        "the request has the fingerprint \(Fingerprint.grouped(request.fingerprint)), not the one that was read out; someone may "
          + "have replaced it: ask \(request.party) to send it again")
    }
    if let consortium = request.consortium, consortium != authority.consortium {
      throw ConsiliumError(
        .invalidInput,
        "\(request.party) asks for a certificate of '\(consortium)'; this is the authority of '\(authority.consortium)'"
      )
    }
    guard (1...398).contains(terms.days) else {
      throw ConsiliumError(.invalidInput, "a certificate cannot last \(terms.days) days; expected 1 to 398")
    }
  }

  private func check(
    _ party: Party, key: String, _ terms: Terms, in register: CertificateRegister
  ) throws(ConsiliumError) {
    let revocations = try revocations()
    let lost = register.entries.contains {
      $0.key == key && revocations[$0.serial]?.reason == .compromised
    }
    guard !lost else {
      throw ConsiliumError(
        .invalidInput,
        "the key in this request was revoked as compromised; \(party) must create a new one with 'consilium provision enrol' in a new "
          + "folder")
    }
    if let other = register.entries(of: party).last(where: { $0.key != key }), !terms.replacesKey {
      throw ConsiliumError(
        .invalidInput,
        "\(party) already has the certificate \(other.serial) for another key, until \(Moment.text(other.expires)); if \(party.name) "
          + "confirms by telephone that it renewed or lost its key, add --replace")
    }
  }

  private func addresses(
    for party: Party, _ terms: Terms, in register: CertificateRegister
  ) throws(ConsiliumError) -> [ServerAddress] {
    guard party.role.isServer else {
      guard terms.addresses.isEmpty else {
        throw ConsiliumError(
          .invalidInput,
          "only the certificate of a coordinator or an anchor has addresses; leave out --dns and --ip for \(party)"
        )
      }
      return []
    }
    if !terms.addresses.isEmpty { return terms.addresses }
    if let before = register.entries(of: party).last {
      return try PeerCertificate(pem: before.certificate).addresses
    }
    throw ConsiliumError(
      .invalidInput,
      "the certificate of \(party) must state its addresses; give --dns \(party.role.rawValue).example.org or --ip 192.0.2.7"
    )
  }
}
