import Crypto
import Foundation

/// A SHA-256 digest in the form in which people compare it.
public enum Fingerprint {
  /// Returns the digest of `bytes` as 64 hexadecimal digits.
  public static func of(_ bytes: some DataProtocol) -> String { SHA256.hash(data: bytes).hexadecimal }

  /// Splits a digest into groups of four digits, for reading it out over the telephone.
  public static func grouped(_ fingerprint: String) -> String {
    var groups: [Substring] = []
    var rest = fingerprint[...]
    while !rest.isEmpty {
      groups.append(rest.prefix(4))
      rest = rest.dropFirst(4)
    }
    return groups.joined(separator: " ")
  }

  /// Whether two fingerprints are equal, however their digits are grouped.
  public static func areEqual(_ one: String, _ other: String) -> Bool { plain(one) == plain(other) }

  private static func plain(_ text: String) -> String {
    text.lowercased().filter { !$0.isWhitespace && $0 != ":" }
  }
}

extension Sequence<UInt8> {
  /// The bytes in hexadecimal, with two lower-case digits per byte.
  var hexadecimal: String {
    reduce(into: "") { text, byte in
      text += byte < 16 ? "0" : ""
      text += String(byte, radix: 16)
    }
  }
}
