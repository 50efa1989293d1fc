import FederatedCore

/// The end of a round: its record, or the reason why the study cannot go on.
public struct SwarmEnding: SwarmContent {
  /// `nil` if the round failed.
  public var record: RoundRecord?
  /// `nil` unless the round failed.
  public var failure: SwarmFailure?

  public init(_ record: RoundRecord) { self.record = record }

  public init(failure: SwarmFailure) { self.failure = failure }
}
