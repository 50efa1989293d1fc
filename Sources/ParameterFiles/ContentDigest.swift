import Crypto
import Foundation

/// The SHA-256 of a text.
public enum ContentDigest {
  /// - Returns: 64 hexadecimal digits.
  public static func sha256(of text: String) -> String { SHA256.hash(data: Data(text.utf8)).hexadecimal }
}

extension SHA256.Digest {
  /// The digest as 64 hexadecimal digits.
  var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
