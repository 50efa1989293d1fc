import FederatedCore
import Foundation

/// Values as JSON text for the database and the manifests: keys sorted, numbers exact.
enum JSONText {
  static func encode(_ value: some Encodable, pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// - Throws: ``ConsiliumError`` with code `.storage`, naming the value that could not be read.
  static func decode<Value: Decodable>(_ text: String, _ what: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return try decoder.decode(Value.self, from: Data(text.utf8))
    } catch {
      throw ConsiliumError(.storage, "the run's database holds \(what) that cannot be read", cause: error)
    }
  }
}
