import FederatedCore
import Foundation

/// Encodes JSON as the commands print it: one object per line, with sorted keys and
/// hidden characters as escapes.
enum JSONLine {
  static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Encoding plain structs of numbers and strings cannot fail.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self).withJSONEscapes } ?? "{}"
  }
}
