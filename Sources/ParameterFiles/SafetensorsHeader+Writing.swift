import FederatedCore
import Foundation

/// The bytes before the tensors: the length and the JSON, padded with spaces so that the tensors begin at a
/// multiple of 64.
package func safetensorsHeader(of group: NamedParts) -> Data {
  var buffers: [String] = []
  var members: [String] = []
  var offset = 0
  for (part, parameters) in zip(group.names, group.parts) {
    for entry in parameters.layout.entries {
      let name = ParameterFile.tensorName(entry.name, part: part)
      if entry.role == .buffer { buffers.append(name) }
      let end = offset + 4 * entry.count
      members.append(
        "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":\(json(entry.shape)),\"data_offsets\":\(json([offset, end]))}"
      )
      offset = end
    }
  }
  let metadata = [
    "\"format\":\"pt\"", "\"\(ParameterFile.partsKey)\":\(quoted(list(group.names)))",
    "\"\(ParameterFile.buffersKey)\":\(quoted(list(buffers)))",
  ]
  members.insert("\"__metadata__\":{\(metadata.joined(separator: ","))}", at: 0)
  var text = Data("{\(members.joined(separator: ","))}".utf8)
  text.append(contentsOf: repeatElement(0x20, count: (64 - (8 + text.count) % 64) % 64))
  return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
}

private func json(_ numbers: [Int]) -> String { "[\(numbers.map(String.init).joined(separator: ","))]" }

private func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ","))]" }

/// Writes a text as a JSON string, with quotation marks and escapes.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
