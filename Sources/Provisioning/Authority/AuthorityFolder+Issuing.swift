import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// What the one who runs the authority decides about a request.
  package struct Terms: Sendable {
    package var days = 90
    /// Where a coordinator can be reached; if empty, as in its certificate before.
    package var addresses: [ServerAddress] = []
    /// The request's fingerprint as the party read it out; nil compares nothing.
    package var fingerprint: String?
    /// Whether the party may have a key other than before.
    package var replacesKey = false

    package init() {}
  }

  /// Certifies what a party asks for, and registers it.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the request is another than the party's, for another
  ///   consortium, or for a name that another key has.
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

  /// A certificate followed by the authority's, as a party installs it.
  package func chain(_ certificate: PeerCertificate) -> String { certificate.pem + authority.pem }

  private func check(_ request: CertificateRequest, _ terms: Terms) throws(ConsiliumError) {
    if let expected = terms.fingerprint, !Fingerprint.areEqual(expected, request.fingerprint) {
      throw ConsiliumError(
        .invalidInput,
        "the request has the fingerprint \(Fingerprint.grouped(request.fingerprint)), not the one that was read out; somebody may "
          + "have exchanged it: ask \(request.party) to send it again")
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
        "the key in this request was revoked as compromised; \(party) makes a new one with 'consilium provision enrol' in a new "
          + "folder")
    }
    if let other = register.entries(of: party).last(where: { $0.key != key }), !terms.replacesKey {
      throw ConsiliumError(
        .invalidInput,
        "\(party) has had the certificate \(other.serial) for another key, until \(Moment.text(other.expires)); if \(party.name) "
          + "confirms by telephone that it renews or lost its key, add --replace")
    }
  }

  private func addresses(
    for party: Party, _ terms: Terms, in register: CertificateRegister
  ) throws(ConsiliumError) -> [ServerAddress] {
    guard party.role == .coordinator else {
      guard terms.addresses.isEmpty else {
        throw ConsiliumError(
          .invalidInput,
          "only a coordinator's certificate has addresses, and \(party) is none; leave out --dns and --ip")
      }
      return []
    }
    if !terms.addresses.isEmpty { return terms.addresses }
    if let before = register.entries(of: party).last {
      return try PeerCertificate(pem: before.certificate).addresses
    }
    throw ConsiliumError(
      .invalidInput,
      "a coordinator's certificate names where sites reach it; give --dns coordinator.example.org or --ip 192.0.2.7"
    )
  }
}
