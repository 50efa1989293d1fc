import Crypto
import Foundation

/// Creates the hidden token that protects every form against cross-site request forgery. Pages of other web
/// sites cannot know the token.
///
/// The token is an HMAC over the session, certificate or visit cookie to which the form is tied, under a key
/// of this process.
struct CSRFToken: Sendable {
  /// The name of the hidden form field that contains the token.
  static let field = "seal"

  private let key = SymmetricKey(size: .bits256)

  func seal(for binding: String) -> String {
    HMAC<SHA256>.authenticationCode(for: Data(binding.utf8), using: key).hex
  }

  /// Checks a token, in constant time.
  func isValid(_ seal: String, for binding: String) -> Bool {
    guard let code = Self.bytes(seal) else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(binding.utf8), using: key)
  }

  private static func bytes(_ hex: String) -> [UInt8]? {
    let digits = hex.utf8.map { UInt8(hexDigit: $0) }
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}

extension UInt8 {
  fileprivate init?(hexDigit: UInt8) {
    switch hexDigit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self = hexDigit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self = hexDigit - UInt8(ascii: "a") + 10
    default: return nil
    }
  }
}
