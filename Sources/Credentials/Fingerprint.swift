import Crypto
import Foundation

/// A SHA-256 as people compare it.
public enum Fingerprint {
  /// The digest in 64 hexadecimal digits.
  public static func of(_ bytes: some DataProtocol) -> String { SHA256.hash(data: bytes).hexadecimal }

  /// A digest in groups of four, to read out over the telephone.
  public static func grouped(_ fingerprint: String) -> String {
    var groups: [Substring] = []
    var rest = fingerprint[...]
    while !rest.isEmpty {
      groups.append(rest.prefix(4))
      rest = rest.dropFirst(4)
    }
    return groups.joined(separator: " ")
  }

  /// Whether two fingerprints are the same, however they are grouped.
  public static func areEqual(_ one: String, _ other: String) -> Bool { plain(one) == plain(other) }

  private static func plain(_ text: String) -> String {
    text.lowercased().filter { !$0.isWhitespace && $0 != ":" }
  }
}

extension Sequence<UInt8> {
  /// Two lower-case digits a byte.
  var hexadecimal: String {
    reduce(into: "") { text, byte in
      text += byte < 16 ? "0" : ""
      text += String(byte, radix: 16)
    }
  }
}
