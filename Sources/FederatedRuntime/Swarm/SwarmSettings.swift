import FederatedCore

/// What the members of a swarm agreed on beside the rounds: who may merge, who checks, and how long a silent
/// merger is waited for.
public struct SwarmSettings: Sendable, Equatable {
  /// The study's digest, in hexadecimal. It is part of every key.
  public var study: String
  /// The members that may merge.
  public var mergers: [SiteID]
  /// How many deputies compute every merge again. Fewer than this do if there are not as many other mergers.
  public var witnesses: Int
  /// The duration of a merger's lease.
  public var lease: Duration

  public init(study: String, mergers: [SiteID], witnesses: Int = 1, lease: Duration = .seconds(15)) {
    self.study = study
    self.mergers = mergers
    self.witnesses = witnesses
    self.lease = lease
  }

  /// The number of deputies that must confirm a model before its round can end.
  var neededWitnesses: Int { min(witnesses, mergers.count - 1) }
}
