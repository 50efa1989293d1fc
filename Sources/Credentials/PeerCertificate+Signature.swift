import Crypto
import Foundation

extension PeerCertificate {
  /// Whether the holder of this certificate signed `statement`; whether the certificate counts is another question, which
  /// ``Authority/verify(_:over:at:)`` answers too.
  public func isValid(_ signature: Signature, over statement: some DataProtocol) -> Bool {
    guard signature.signer == party, signature.certificate.elementsEqual(derEncoded),
      let value = try? P256.Signing.ECDSASignature(derRepresentation: signature.value)
    else { return false }
    return publicKey.isValidSignature(value, for: Signature.digest(of: statement, time: signature.time))
  }
}
