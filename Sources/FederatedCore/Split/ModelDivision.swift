/// The division of a model between a site and the host of its middle layers, while the site trains.
public struct ModelDivision: Sendable, Equatable {
  /// The name of the model's cut.
  public var cut: String
  /// The model from which the host starts. A trainer refuses to train from another model.
  public var global: ModelParameters
  /// The channel to the host.
  public var channel: StageChannel
  /// Whether the site checks the host: it computes the middle itself as well, up to a secret step.
  public var checksHost: Bool

  public init(cut: String, global: ModelParameters, channel: StageChannel, checksHost: Bool = false) {
    self.checksHost = checksHost
    self.cut = cut
    self.global = global
    self.channel = channel
  }

  public static func == (one: Self, other: Self) -> Bool {
    one.cut == other.cut && one.channel === other.channel && one.global == other.global
      && one.checksHost == other.checksHost
  }
}
