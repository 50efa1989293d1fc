import Crypto
import Foundation

extension PeerCertificate {
  /// Whether the holder of this certificate signed `statement`. This does not check that the certificate is
  /// valid; ``Authority/verify(_:over:at:)`` checks both.
  public func isValid(_ signature: Signature, over statement: some DataProtocol) -> Bool {
    guard signature.signer == party, signature.certificate.elementsEqual(derEncoded),
      let value = try? P256.Signing.ECDSASignature(derRepresentation: signature.value)
    else { return false }
    return publicKey.isValidSignature(value, for: Signature.digest(of: statement, time: signature.time))
  }
}
