/// The limits on what the dashboard's clients may hold at once.
///
/// A hospital often reaches the coordinator from a single address, so the limits of an address leave room for
/// many people. They apply until a connection shows whose it is; then those of its visitor apply.
public struct DashboardLimits: Sendable {
  /// The maximum number of connections.
  public var connections = 512
  /// The maximum number of connections from one address on which nobody has signed in.
  public var connectionsPerAddress = 64
  /// The maximum number of connections of one visitor.
  public var connectionsPerVisitor = 64
  /// The maximum number of pages that wait for changes.
  public var eventStreams = 200
  /// The maximum number of pages of one visitor that wait for changes.
  public var eventStreamsPerVisitor = 16
  /// How long a new connection may take until its first request.
  public var firstRequest: Duration = .seconds(10)

  public init() {}
}
