import FederatedCore
import SwiftASN1
import X509

extension Certificate {
  /// Reads the first certificate of a PEM text.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  static func first(inPEM text: String, what: String) throws(ConsiliumError) -> Certificate {
    do {
      let documents = try PEMDocument.parseMultiple(pemString: text)
      guard let first = documents.first(where: { $0.discriminator == defaultPEMDiscriminator }) else {
        throw ConsiliumError(.invalidInput, "there is no -----BEGIN CERTIFICATE----- in \(what)")
      }
      return try Certificate(pemDocument: first)
    } catch let error as ConsiliumError {
      throw error
    } catch {
      throw ConsiliumError(
        .invalidInput, "\(what) is not a certificate in PEM, or it is damaged", cause: error)
    }
  }

  static func pem(_ derBytes: [UInt8]) -> String {
    PEMDocument(type: defaultPEMDiscriminator, derBytes: derBytes).pemString + "\n"
  }

  var derBytes: [UInt8] {
    get throws(ConsiliumError) {
      var serializer = DER.Serializer()
      do {
        try serializer.serialize(self)
      } catch {
        throw ConsiliumError(.invalidInput, "cannot encode a certificate as DER", cause: error)
      }
      return serializer.serializedBytes
    }
  }
}

extension DistinguishedName {
  package var commonName: String? { value(of: .RDNAttributeType.commonName) }

  package var organization: String? { value(of: .RDNAttributeType.organizationName) }

  /// Returns the value of an attribute that occurs exactly once.
  private func value(of type: ASN1ObjectIdentifier) -> String? {
    let values = joined().filter { $0.type == type }
    return values.count == 1 ? values.first.flatMap { String($0.value) } : nil
  }
}

extension GeneralName {
  /// The URI that names a party; `nil` if this name is of a different kind.
  package var certifiedURN: String? {
    guard case .uniformResourceIdentifier(let text) = self, text.hasPrefix(CertifiedName.prefix) else {
      return nil
    }
    return text
  }
}
