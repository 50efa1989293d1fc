import FederatedCore

/// The result of verifying a chain of round manifests.
public struct ManifestReview: Sendable, Equatable {
  /// A round without some of the sites that the study requires.
  public struct PartialRound: Sendable, Codable, Equatable {
    public var round: Int
    public var missing: [SiteID]

    public init(round: Int, missing: [SiteID]) {
      self.round = round
      self.missing = missing
    }
  }

  public enum Status: Sendable, Equatable {
    /// Every round is signed and includes every required site.
    case complete
    /// Every round is signed, but some rounds lack a required site.
    case partial([PartialRound])
    /// The chain differs from what coordinator and sites signed.
    case broken
  }

  public internal(set) var faults: [ManifestFault] = []
  public internal(set) var partialRounds: [PartialRound] = []

  public var status: Status {
    if !faults.isEmpty { return .broken }
    return partialRounds.isEmpty ? .complete : .partial(partialRounds)
  }
}
