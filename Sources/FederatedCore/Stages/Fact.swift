/// A small typed value in a message. Facts are typed so that a release gate can read every number that
/// leaves.
public enum Fact: Sendable, Equatable {
  case integer(Int)
  case real(Double)
  case text(String)
  case integers([Int])
  case reals([Double])
  case texts([String])

  public enum ValueType: String, Sendable, Hashable, CaseIterable {
    case integer, real, text, integers, reals, texts
  }

  public var type: ValueType {
    switch self {
    case .integer: .integer
    case .real: .real
    case .text: .text
    case .integers: .integers
    case .reals: .reals
    case .texts: .texts
    }
  }

  /// Whether all numbers are finite.
  public var isFinite: Bool {
    switch self {
    case .real(let value): value.isFinite
    case .reals(let values): values.allSatisfy(\.isFinite)
    default: true
    }
  }
}

/// The name of a fact, and the type of its value.
public struct FactKey<Value: FactValue>: Sendable, Hashable {
  public let name: String

  public init(_ name: String) { self.name = name }
}

/// A Swift type that can be the value of a fact, such as `Int` or `[Double]`.
public protocol FactValue: Sendable {
  static var factType: Fact.ValueType { get }
  /// Returns `nil` if the fact has a different type.
  init?(fact: Fact)
  var fact: Fact { get }
}

extension Int: FactValue {
  public static var factType: Fact.ValueType { .integer }
  public var fact: Fact { .integer(self) }
  public init?(fact: Fact) {
    guard case .integer(let value) = fact else { return nil }
    self = value
  }
}

extension Double: FactValue {
  public static var factType: Fact.ValueType { .real }
  public var fact: Fact { .real(self) }
  public init?(fact: Fact) {
    guard case .real(let value) = fact else { return nil }
    self = value
  }
}

extension String: FactValue {
  public static var factType: Fact.ValueType { .text }
  public var fact: Fact { .text(self) }
  public init?(fact: Fact) {
    guard case .text(let value) = fact else { return nil }
    self = value
  }
}

extension Array: FactValue where Element: FactListElement {
  public static var factType: Fact.ValueType { Element.factListType }
  public var fact: Fact { Element.fact(of: self) }
  public init?(fact: Fact) {
    guard let values = Element.values(of: fact) else { return nil }
    self = values
  }
}

/// The type of the elements of a list that can be the value of a fact, such as `Int`.
public protocol FactListElement: Sendable {
  static var factListType: Fact.ValueType { get }
  static func fact(of values: [Self]) -> Fact
  static func values(of fact: Fact) -> [Self]?
}

extension Int: FactListElement {
  public static var factListType: Fact.ValueType { .integers }
  public static func fact(of values: [Int]) -> Fact { .integers(values) }
  public static func values(of fact: Fact) -> [Int]? {
    guard case .integers(let values) = fact else { return nil }
    return values
  }
}

extension Double: FactListElement {
  public static var factListType: Fact.ValueType { .reals }
  public static func fact(of values: [Double]) -> Fact { .reals(values) }
  public static func values(of fact: Fact) -> [Double]? {
    guard case .reals(let values) = fact else { return nil }
    return values
  }
}

extension String: FactListElement {
  public static var factListType: Fact.ValueType { .texts }
  public static func fact(of values: [String]) -> Fact { .texts(values) }
  public static func values(of fact: Fact) -> [String]? {
    guard case .texts(let values) = fact else { return nil }
    return values
  }
}

/// In JSON, a fact is an object with one member, which names the type: `{"real": 0.1}`.
extension Fact: Codable {
  private enum Key: String, CodingKey {
    case integer, real, text, integers, reals, texts
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a fact has one value"))
    }
    self =
      switch key {
      case .integer: .integer(try container.decode(Int.self, forKey: key))
      case .real: .real(try container.decode(Double.self, forKey: key))
      case .text: .text(try container.decode(String.self, forKey: key))
      case .integers: .integers(try container.decode([Int].self, forKey: key))
      case .reals: .reals(try container.decode([Double].self, forKey: key))
      case .texts: .texts(try container.decode([String].self, forKey: key))
      }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .integer(let value): try container.encode(value, forKey: .integer)
    case .real(let value): try container.encode(value, forKey: .real)
    case .text(let value): try container.encode(value, forKey: .text)
    case .integers(let values): try container.encode(values, forKey: .integers)
    case .reals(let values): try container.encode(values, forKey: .reals)
    case .texts(let values): try container.encode(values, forKey: .texts)
    }
  }
}
