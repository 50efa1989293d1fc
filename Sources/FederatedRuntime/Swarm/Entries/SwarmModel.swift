import FederatedCore

/// The result of a round: where the model is, and the state of the strategy that travels with it.
public struct SwarmModel: SwarmContent {
  /// The digest of the model, under which the relay has it.
  public var model: String
  /// The digest of the strategy's state at the server; `nil` if the strategy keeps none.
  public var state: String?
  /// The merger that computed the model.
  public var merger: SiteID

  public init(model: String, state: String?, merger: SiteID) {
    self.model = model
    self.state = state
    self.merger = merger
  }
}
