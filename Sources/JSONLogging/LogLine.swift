import FederatedCore
import Logging

/// A JSON object on one line, built key by key.
struct LogLine {
  private var body = ""
  private var keys: Set<String> = []

  /// The whole line, with its line feed.
  var text: String { "{\(body)}\n" }

  mutating func add(_ key: String, string: String) { add(key, json: Self.quoted(string)) }

  mutating func add(_ key: String, _ value: Logger.Metadata.Value) { add(key, json: Self.json(value)) }

  /// Adds a key with its value. If the line already has the key, its first value stays.
  private mutating func add(_ key: String, json: String) {
    guard keys.insert(key).inserted else { return }
    if !body.isEmpty { body += "," }
    body += "\(Self.quoted(key)):\(json)"
  }

  private static func json(_ value: Logger.Metadata.Value) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .stringConvertible(let number as any FixedWidthInteger): String(describing: number)
    case .stringConvertible(let value): quoted(value.description)
    case .array(let values): "[\(values.map(json).joined(separator: ","))]"
    case .dictionary(let values):
      "{\(values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ","))}"
    }
  }

  /// Encodes text as a JSON string (RFC 8259, section 7).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted.withJSONEscapes + "\""
  }
}
