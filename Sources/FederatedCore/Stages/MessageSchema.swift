/// The tensors and facts that messages of one kind may contain. Both ends refuse everything else.
public struct MessageSchema: Sendable, Equatable {
  public let kind: StageMessage.Kind
  /// The element type of each tensor, by name.
  public private(set) var tensors: [String: StageTensor.ElementType]
  /// The type of each fact, by name.
  public private(set) var facts: [String: Fact.ValueType]

  public init(_ kind: StageMessage.Kind, tensors: [String: StageTensor.ElementType] = [:]) {
    self.kind = kind
    self.tensors = tensors
    facts = [:]
  }

  /// Returns the schema with this fact added.
  public func with<Value: FactValue>(_ key: FactKey<Value>) -> MessageSchema {
    var schema = self
    schema.facts[key.name] = Value.factType
    return schema
  }

  /// Refuses a message with undeclared content.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message has a different kind, a tensor or
  ///   fact that is undeclared or has the wrong type, or a fact with a real number that is not finite.
  public func check(_ message: StageMessage) throws(ConsiliumError) {
    guard message.kind == kind else {
      throw message.fault("expected the kind '\(kind)'")
    }
    for (name, tensor) in message.tensors where tensors[name] != tensor.elementType {
      throw message.fault(
        "it holds the undeclared tensor '\(name.prefix(64))' of the type \(tensor.elementType.rawValue)")
    }
    for (name, fact) in message.facts {
      guard facts[name] == fact.type else {
        throw message.fault("it holds the undeclared fact '\(name.prefix(64))' of the type '\(fact.type)'")
      }
      guard fact.isFinite else {
        throw message.fault("the fact '\(name)' is infinite or not a number")
      }
    }
  }
}
