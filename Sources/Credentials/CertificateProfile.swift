import Crypto
import FederatedCore
import X509

/// The contents of a consortium's certificates (RFC 5280).
enum CertificateProfile {
  static func subject(name: String, consortium: String) throws(ConsiliumError) -> DistinguishedName {
    try making {
      try DistinguishedName {
        OrganizationName(consortium)
        CommonName(name)
      }
    }
  }

  /// The extensions of the authority's certificate. The authority may sign parties' certificates and
  /// revocation lists, but may not certify another authority.
  static func authority(key: P256.Signing.PublicKey) throws(ConsiliumError) -> Certificate.Extensions {
    try making {
      try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true, cRLSign: true))
        SubjectKeyIdentifier(hash: .init(key))
      }
    }
  }

  /// The extensions of a party's certificate. The party may sign and act as a TLS client; a coordinator or an
  /// anchor may also act as a TLS server.
  static func party(
    _ name: CertifiedName, _ addresses: [ServerAddress], key: P256.Signing.PublicKey,
    authority: P256.Signing.PublicKey
  ) throws(ConsiliumError) -> Certificate.Extensions {
    let names = [.uniformResourceIdentifier(name.urn)] + addresses.map(\.generalName)
    let isServer = name.party.role.isServer
    return try making {
      try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage(isServer ? [.serverAuth, .clientAuth] : [.clientAuth])
        SubjectAlternativeNames(names)
        SubjectKeyIdentifier(hash: .init(key))
        AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: .init(authority)).keyIdentifier)
      }
    }
  }

  private static func making<Result>(_ body: () throws -> Result) throws(ConsiliumError) -> Result {
    do {
      return try body()
    } catch {
      throw ConsiliumError(.invalidInput, "cannot create the certificate", cause: error)
    }
  }
}
