import FederatedCore

/// A deputy's own result of a round, computed from the same set.
public struct SwarmWitness: SwarmContent {
  /// The digest of the model that the deputy computed; `nil` if the set gives no model.
  public var model: String?
  /// The digest of the strategy's state that the deputy computed; `nil` if the strategy keeps none.
  public var state: String?

  public init(model: String?, state: String?) {
    self.model = model
    self.state = state
  }

  /// Whether the merger's result is the deputy's.
  public func confirms(_ result: SwarmModel) -> Bool { model == result.model && state == result.state }
}
