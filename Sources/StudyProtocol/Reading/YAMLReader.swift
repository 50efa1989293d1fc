import Yams

/// Reads one value of a file as the expected type. If that fails, the error goes to the log and a placeholder
/// value is returned.
struct YAMLReader {
  let node: Node
  /// The key path, for example `training.optimizer` or `elements[2]`.
  let path: String
  let log: FaultLog

  init(_ node: Node, path: String, log: FaultLog) {
    self.node = node
    self.path = path
    self.log = log
    if !log.has(path) { log.place(path, at: node.mark) }
  }

  func fault(_ message: String) { log.add(message, at: path, mark: node.mark) }

  /// The value in words, for messages.
  var found: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar(let scalar):
      if YAMLFile.isNull(scalar) {
        "nothing"
      } else if scalar.style == .plain, Double(scalar.string) != nil {
        "the number \(scalar.string)"
      } else {
        "'\(scalar.string.prefix(40))'"
      }
    }
  }

  var isMapping: Bool { node.mapping != nil }
  var isSequence: Bool { node.sequence != nil }

  /// The text of a scalar, even if it looks like a number or some other type.
  func text(_ expected: String = "text") -> String? {
    guard let scalar = node.scalar, !YAMLFile.isNull(scalar) || scalar.style != .plain else {
      fault("expected \(expected), found \(found)")
      return nil
    }
    return scalar.string
  }

  func number(_ rule: NumberRule = .any) -> Double? {
    guard let value = plain.flatMap(Self.decimal), rule.allows(value) else {
      fault("expected \(rule.expected), found \(found)")
      return nil
    }
    return value
  }

  func integer(_ rule: NumberRule) -> Int? {
    guard let value = plain.flatMap({ Int($0) }), rule.allows(Double(value)) else {
      fault("expected \(rule.expected), found \(found)")
      return nil
    }
    return value
  }

  func seed() -> UInt64? {
    guard let value = plain.flatMap({ UInt64($0) }) else {
      fault("expected a whole number from 0, found \(found)")
      return nil
    }
    return value
  }

  func bool() -> Bool? {
    switch plain {
    case "true": return true
    case "false": return false
    default:
      fault("expected true or false, found \(found)")
      return nil
    }
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ what: String = "one of") -> Choice? {
    let names = Choice.allCases.map(\.rawValue)
    guard let text = node.scalar?.string, let choice = Choice(rawValue: text) else {
      let hint = NearestName.hint(for: node.scalar?.string ?? "", among: names)
      fault("expected \(what) \(names.joined(separator: ", ")); found \(found).\(hint)")
      return nil
    }
    return choice
  }

  /// The items of a list.
  func list(_ expected: String = "a list") -> [YAMLReader] {
    guard let sequence = node.sequence else {
      fault("expected \(expected), found \(found)")
      return []
    }
    return sequence.enumerated().map { YAMLReader($0.element, path: "\(path)[\($0.offset)]", log: log) }
  }

  /// A range written as `[lowest, highest]`.
  func range(_ rule: NumberRule = .any) -> ClosedRange<Double>? {
    let items = list("a range such as [0, 120]")
    let bounds = items.compactMap { $0.number(rule) }
    guard isSequence, bounds.count == items.count else { return nil }
    guard bounds.count == 2, bounds[0] <= bounds[1] else {
      fault("expected two numbers, the lower one first")
      return nil
    }
    return bounds[0]...bounds[1]
  }

  /// The entries of a mapping with arbitrary keys, in the order of the file.
  func entries(_ expected: String = "a mapping") -> [(key: String, value: YAMLReader)] {
    guard let mapping = node.mapping else {
      fault("expected \(expected), found \(found)")
      return []
    }
    return mapping.compactMap { key, value in
      guard let name = key.scalar?.string else {
        log.add("expected a key, found a list or mapping", at: path, mark: key.mark)
        return nil
      }
      let path = path.isEmpty ? name : "\(path).\(name)"
      log.place(path, at: key.mark)
      return (name, YAMLReader(value, path: path, log: log))
    }
  }

  /// Reads a mapping with fixed keys. Keys that `body` does not read are errors.
  ///
  /// Treats a value that is not a mapping as an empty mapping, without further errors for missing keys.
  func mapping<Value>(_ body: (MappingReader) -> Value) -> Value {
    let reader = MappingReader(self, path: path, log: log)
    let value = body(reader)
    reader.refuseUnknownKeys()
    return value
  }

  private var plain: String? { node.scalar.flatMap { $0.style == .plain ? $0.string : nil } }

  /// A finite decimal number. YAML 1.1 would read `1e-3` as text, which nobody expects.
  static func decimal(_ text: String) -> Double? {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard allowed else { return nil }
    // Adding 0 turns -0 into 0, so that the two zeros have the same digest.
    return Double(text).flatMap { $0.isFinite ? $0 + 0 : nil }
  }
}
