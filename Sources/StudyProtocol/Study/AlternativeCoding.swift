// Some parts of a study can have one of several shapes. They are encoded exactly as study files write them,
// so that the canonical JSON of a study is itself a study file, which the same strict reader can read.

/// A coding key that is known only at run time: a data value, or the name of one of several alternatives.
struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedEncodingContainer<AnyKey> {
  mutating func put(_ key: String, _ value: some Encodable) throws { try encode(value, forKey: AnyKey(key)) }
}

extension Study.ClassWeights: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var box = encoder.singleValueContainer()
    switch self {
    case .none: try box.encode("none")
    case .balanced: try box.encode("balanced")
    case .byLabel(let weights): try box.encode(weights)
    }
  }
}

extension Study.Split: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    try box.encodeIfPresent(by, forKey: AnyKey("by"))
    switch method {
    case .fractions(let test, let validation):
      try box.put("test", test)
      try box.put("validation", validation)
    case .assigned(let element, let test, let validation):
      try box.put("element", element)
      try box.put("test", test)
      try box.put("validation", validation)
    }
  }
}
