import Yams

/// A mapping with fixed keys; its calls read like the schema: a key, what it holds, its default.
final class MappingReader {
  let path: String
  let log: FaultLog
  private var values: [String: YAMLReader] = [:]
  private var known: [String] = []
  /// False where there is no mapping, which is a fault already: its keys are not missing on top of that.
  private let isMapping: Bool

  /// - Parameter reader: nil for an absent mapping.
  init(_ reader: YAMLReader?, path: String, log: FaultLog) {
    self.path = path
    self.log = log
    isMapping = reader?.isMapping ?? false
    for entry in reader?.entries() ?? [] { values[entry.key] = entry.value }
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of a key that may be absent.
  func optional(_ key: String) -> YAMLReader? {
    if !known.contains(key) { known.append(key) }
    return values[key]
  }

  /// The value of a key that must be there; its absence is a fault.
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

  /// Texts by key, where the keys are data.
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

  /// A choice that must be made; the stand-in after a fault is the first one.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) -> Choice {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return required(key, "one of \(names)")?.choice() ?? Choice.allCases.first!
  }

  func choices<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default value: [Choice])
    -> [Choice]
  {
    optional(key).map { $0.list().compactMap { $0.choice() } } ?? value
  }

  /// A mapping in a mapping; an absent one reads as an empty one, so that its own defaults hold.
  func mapping<Value>(_ key: String, _ body: (MappingReader) -> Value) -> Value {
    if let value = optional(key) { return value.mapping(body) }
    return body(MappingReader(nil, path: path(key), log: log))
  }

  /// A mapping that must be there.
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
