import Yams

/// Reads a mapping with fixed keys. Its calls read like a schema: the key, the expected content, the default.
final class MappingReader {
  let path: String
  let log: FaultLog
  private var values: [String: YAMLReader] = [:]
  private var known: [String] = []
  /// Whether the file has this mapping. If not, its keys are not reported as missing: either the mapping
  /// itself is reported, or it is optional.
  private let isMapping: Bool

  /// - Parameter reader: `nil` for an absent mapping.
  init(_ reader: YAMLReader?, path: String, log: FaultLog) {
    self.path = path
    self.log = log
    isMapping = reader?.isMapping ?? false
    for entry in reader?.entries() ?? [] { values[entry.key] = entry.value }
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of an optional key.
  func optional(_ key: String) -> YAMLReader? {
    if !known.contains(key) { known.append(key) }
    return values[key]
  }

  /// The value of a required key. Adds an error if it is absent.
  func required(_ key: String, _ expected: String) -> YAMLReader? {
    if let value = optional(key) { return value }
    if isMapping {
      log.add("'\(key)' is missing; expected \(expected)", at: path)
    }
    return nil
  }

  func text(_ key: String, expected: String = "text") -> String {
    required(key, expected)?.text(expected) ?? ""
  }

  func text(_ key: String, default value: String) -> String { optional(key)?.text() ?? value }

  func texts(_ key: String, default value: [String] = []) -> [String] {
    optional(key).map { $0.list("a list of texts").compactMap { $0.text() } } ?? value
  }

  /// Reads a mapping from arbitrary keys to texts.
  func textsByKey(_ key: String, _ expected: String) -> [String: String] {
    let entries = optional(key)?.entries(expected) ?? []
    return entries.reduce(into: [:]) { $0[$1.key] = $1.value.text() }
  }

  func number(_ key: String, _ rule: NumberRule) -> Double? { optional(key)?.number(rule) }

  func number(_ key: String, _ rule: NumberRule, default value: Double) -> Double {
    number(key, rule) ?? value
  }

  func integer(_ key: String, _ rule: NumberRule) -> Int? { optional(key)?.integer(rule) }

  func integer(_ key: String, _ rule: NumberRule, default value: Int) -> Int { integer(key, rule) ?? value }

  func integers(_ key: String, _ rule: NumberRule, default value: [Int] = []) -> [Int] {
    optional(key).map { $0.list("a list of whole numbers").compactMap { $0.integer(rule) } } ?? value
  }

  func bool(_ key: String, default value: Bool) -> Bool { optional(key)?.bool() ?? value }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default value: Choice) -> Choice
  {
    optional(key)?.choice() ?? value
  }

  /// Reads a required choice. Returns the first choice after an error.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> Choice {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return required(key, "one of \(names)")?.choice() ?? Choice.allCases.first!
  }

  func choices<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default value: [Choice])
    -> [Choice]
  {
    optional(key).map { $0.list().compactMap { $0.choice() } } ?? value
  }

  /// Reads a nested mapping. Treats an absent mapping as an empty mapping, so that its defaults apply.
  func mapping<Value>(_ key: String, _ body: (MappingReader) -> Value) -> Value {
    if let value = optional(key) { return value.mapping(body) }
    return body(MappingReader(nil, path: path(key), log: log))
  }

  /// Reads a required nested mapping.
  func requiredMapping<Value>(_ key: String, _ body: (MappingReader) -> Value) -> Value {
    if optional(key) == nil { _ = required(key, "a mapping") }
    return mapping(key, body)
  }

  func refuseUnknownKeys() {
    for key in values.keys where !known.contains(key) {
      log.add(
        "unknown key; expected one of \(known.joined(separator: ", ")).\(NearestName.hint(for: key, among: known))",
        at: path(key))
    }
  }
}
