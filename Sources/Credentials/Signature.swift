import Crypto
import FederatedCore
import Foundation

/// A signature together with the signer's certificate, so that it can be verified offline years later.
///
/// The algorithm is ECDSA with P-256 over the SHA-256 of three parts: the line `consilium-statement-1`, a
/// line with the time (ISO 8601 in UTC, or empty), and the statement. The first line keeps signatures made
/// for other purposes from being accepted. The time is the signer's claim; it cannot be changed afterwards.
public struct Signature: Sendable, Codable, Equatable {
  public var signer: Party
  /// The signature in DER (RFC 3279).
  public var value: Data
  /// The signer's certificate in DER.
  public var certificate: Data
  /// The time of signing, to the second, by the signer's clock.
  public var time: Date?

  public init(signer: Party, value: Data, certificate: Data, time: Date?) {
    self.signer = signer
    self.value = value
    self.certificate = certificate
    self.time = time.map(Moment.wholeSeconds)
  }

  /// The digest that is signed.
  static func digest(of statement: some DataProtocol, time: Date?) -> SHA256Digest {
    var hash = SHA256()
    hash.update(data: Data("consilium-statement-1\n\(time.map(Moment.text) ?? "")\n".utf8))
    hash.update(data: statement)
    return hash.finalize()
  }
}

extension Signature {
  private enum CodingKeys: String, CodingKey { case signer, value, certificate, time }

  /// Reads the time as text, whatever date strategy the decoder uses.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let time = try container.decodeIfPresent(String.self, forKey: .time).map { text in
      guard let time = Moment.parse(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .time, in: container, debugDescription: "not a time in ISO 8601")
      }
      return time
    }
    self.init(
      signer: try container.decode(Party.self, forKey: .signer),
      value: try Self.bytes(.value, in: container), certificate: try Self.bytes(.certificate, in: container),
      time: time)
  }

  /// Writes the time and the bytes (as Base64) as text, whatever strategies the encoder uses.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(signer, forKey: .signer)
    try container.encode(value.base64EncodedString(), forKey: .value)
    try container.encode(certificate.base64EncodedString(), forKey: .certificate)
    try container.encodeIfPresent(time.map(Moment.text), forKey: .time)
  }

  private static func bytes(_ key: CodingKeys, in container: KeyedDecodingContainer<CodingKeys>) throws
    -> Data
  {
    guard let bytes = Data(base64Encoded: try container.decode(String.self, forKey: key)) else {
      throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "not Base64")
    }
    return bytes
  }
}
