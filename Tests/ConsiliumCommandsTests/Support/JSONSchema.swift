import Foundation
import Testing

/// The part of JSON Schema 2020-12 that the documented schemas use.
struct JSONSchema {
  private let root: [String: Any]

  /// - Parameter name: The name of a file in `Documentation/Schemas`.
  init(_ name: String) throws {
    let data = try Data(contentsOf: Self.folder.appending(path: "\(name).schema.json"))
    root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  static var folder: URL {
    URL(filePath: #filePath).appending(path: "../../../../Documentation/Schemas").standardizedFileURL
  }

  /// The paths of objects and lists whose content the schema leaves open.
  var undocumented: [String] { Self.undocumented(root, "$") }

  private static func undocumented(_ value: Any, _ path: String) -> [String] {
    if let list = value as? [Any] {
      return list.enumerated().flatMap { undocumented($1, "\(path)[\($0)]") }
    }
    guard let schema = value as? [String: Any] else { return [] }
    let type = schema["type"] as? String
    let isOpen =
      type == "object" && schema["properties"] == nil && schema["additionalProperties"] == nil
      || type == "array" && schema["items"] == nil
    return (isOpen ? [path] : [])
      + schema.sorted { $0.key < $1.key }.flatMap { undocumented($1, "\(path).\($0)") }
  }

  var title: String? { root["title"] as? String }

  /// The errors in one line of output; empty if there are none.
  ///
  /// - Parameter isStrict: Whether a key that the schema does not name is an error.
  func faults(in line: some StringProtocol, isStrict: Bool = true) throws -> [String] {
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    return faults(value, root, "$", isStrict)
  }

  private func faults(_ value: JSONValue, _ schema: [String: Any], _ path: String, _ isStrict: Bool)
    -> [String]
  {
    if let reference = schema["$ref"] as? String {
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
        return ["\(path): \(reference) is not there"]
      }
      return faults(value, target, path, isStrict)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let found = choices.map { faults(value, $0, path, isStrict) }
      return found.contains([]) ? [] : found.min { $0.count < $1.count } ?? []
    }
    return kind(value, schema, path) + members(value, schema, path, isStrict)
      + items(value, schema, path, isStrict)
  }

  private func kind(_ value: JSONValue, _ schema: [String: Any], _ path: String) -> [String] {
    var faults: [String] = []
    if let type = schema["type"] as? String, !Self.is(value, type) { faults.append("\(path): is no \(type)") }
    let text = value.text
    if let expected = schema["const"] as? String, expected != text {
      faults.append("\(path): is not \(expected)")
    }
    if let choices = schema["enum"] as? [String], text.map(choices.contains) != true {
      faults.append("\(path): '\(text ?? "")' is none of \(choices)")
    }
    if let pattern = schema["pattern"] as? String,
      text?.range(of: pattern, options: .regularExpression) == nil
    {
      faults.append("\(path): '\(text ?? "")' does not match \(pattern)")
    }
    return faults
  }

  private func members(_ value: JSONValue, _ schema: [String: Any], _ path: String, _ isStrict: Bool)
    -> [String]
  {
    guard case .object(let object) = value else { return [] }
    if isStrict, schema["properties"] == nil, schema["additionalProperties"] == nil, schema["const"] == nil {
      return ["\(path): its keys are not documented"]
    }
    let properties = schema["properties"] as? [String: [String: Any]]
    var faults = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
      .map { "\(path): '\($0)' is missing" }
    for (key, member) in object.sorted(by: { $0.key < $1.key }) {
      if let known = properties?[key] ?? schema["additionalProperties"] as? [String: Any] {
        faults += self.faults(member, known, "\(path).\(key)", isStrict)
      } else if isStrict, properties != nil {
        faults.append("\(path): '\(key)' is not documented")
      }
    }
    return faults
  }

  private func items(_ value: JSONValue, _ schema: [String: Any], _ path: String, _ isStrict: Bool)
    -> [String]
  {
    guard case .array(let list) = value else { return [] }
    guard let item = schema["items"] as? [String: Any] else {
      return isStrict && !list.isEmpty ? ["\(path): its items are not documented"] : []
    }
    return list.enumerated().flatMap { faults($1, item, "\(path)[\($0)]", isStrict) }
  }

  private static func `is`(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.object, "object"), (.array, "array"), (.string, "string"), (.boolean, "boolean"),
      (.number, "number"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}

/// Any JSON value, with booleans distinct from numbers.
enum JSONValue: Decodable, Sendable {
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
}
