import FederatedCore

/// The division of an arm's model between its sites and a host.
public struct SplitSettings: Sendable {
  /// The name of the model's cut.
  public var cut: String
  /// The engine that computes the middle; `nil` at a site.
  public var engine: MiddleEngine?

  public init(cut: String, engine: MiddleEngine? = nil) {
    self.cut = cut
    self.engine = engine
  }
}
