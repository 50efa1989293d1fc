import Crypto

extension Sequence where Element == UInt8 {
  /// The bytes in hexadecimal, with two lower-case digits per byte.
  var hex: String {
    let digits = Array("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

/// Generates the dashboard's secrets.
enum Secret {
  /// Returns 256 bits from the system's generator, in hexadecimal.
  static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hex
  }
}
