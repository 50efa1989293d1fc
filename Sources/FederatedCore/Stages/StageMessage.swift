/// The only type that crosses between a stage's coordinator and a site: a kind, named tensors and typed
/// facts.
///
/// Code that transports, records or stores a message depends only on its kind and on the digests of its
/// files, never on the meaning of a kind.
public struct StageMessage: Sendable, Equatable {
  /// The kind of a message, such as `update`. A site's policy names the kinds that it releases.
  public struct Kind: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }
  }

  public var kind: Kind
  public var tensors: [String: StageTensor]
  public var facts: [String: Fact]

  public init(_ kind: Kind, tensors: [String: StageTensor] = [:], facts: [String: Fact] = [:]) {
    self.kind = kind
    self.tensors = tensors
    self.facts = facts
  }

  /// The fact with this key; `nil` if it is absent or has a different type.
  public subscript<Value: FactValue>(_ key: FactKey<Value>) -> Value? {
    get { facts[key.name].flatMap(Value.init(fact:)) }
    set { facts[key.name] = newValue?.fact }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the fact is absent or has a different type.
  public func require<Value: FactValue>(_ key: FactKey<Value>) throws(ConsiliumError) -> Value {
    guard let value = self[key] else { throw fault("it lacks the fact '\(key.name)'") }
    return value
  }

  /// The tensor of model parameters with this name.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is none.
  public func parameters(_ name: String) throws(ConsiliumError) -> NamedParts {
    guard case .parameters(let parts)? = tensors[name] else { throw fault("it lacks the tensor '\(name)'") }
    return parts
  }

  /// The tensor of integers with this name.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is none.
  public func u64(_ name: String) throws(ConsiliumError) -> [UInt64] {
    guard case .u64(let values)? = tensors[name] else { throw fault("it lacks the tensor '\(name)'") }
    return values.values
  }

  /// Whether every real number in tensors and facts is finite.
  public var isFinite: Bool {
    tensors.values.allSatisfy(\.isFinite) && facts.values.allSatisfy(\.isFinite)
  }

  func fault(_ what: String) -> ConsiliumError {
    ConsiliumError(.invalidUpdate, "a message of the kind '\(kind)' cannot be used: \(what)")
  }
}
