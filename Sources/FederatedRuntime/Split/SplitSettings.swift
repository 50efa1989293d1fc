import FederatedCore

/// The division of an arm's model between its sites and a host.
public struct SplitSettings: Sendable {
  /// The name of the model's cut.
  public var cut: String
  /// Whether each site checks the host in every turn: the site computes the middle itself as well, up to a step
  /// that only its own random number determines, and compares to the bit.
  public var checksHost: Bool
  /// The engine that computes the middle; `nil` at a site.
  public var engine: MiddleEngine?

  public init(cut: String, checksHost: Bool = false, engine: MiddleEngine? = nil) {
    self.checksHost = checksHost
    self.cut = cut
    self.engine = engine
  }
}
