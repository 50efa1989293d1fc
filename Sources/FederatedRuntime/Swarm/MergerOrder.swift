import FederatedCore
import ParameterFiles

/// The order in which the members of a swarm merge a round: the first one merges, and each of the others
/// takes its place only if those before it stay silent.
///
/// The order follows from digests over the study, the arm, the round and the member's name. So all members
/// know it, nobody chooses it, and in the long run all merge equally often.
public struct MergerOrder: Sendable, Equatable {
  /// The study's digest, in hexadecimal.
  public var study: String
  public var arm: String
  /// The members that may merge.
  public var mergers: [SiteID]

  public init(study: String, arm: String, mergers: [SiteID]) {
    self.study = study
    self.arm = arm
    self.mergers = mergers
  }

  /// The mergers of a round, first the one that merges if nothing fails.
  public func order(ofRound round: Int) -> [SiteID] {
    mergers.map { (rank($0, in: round), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  /// The SHA-256 over five lines without a final line feed, in hexadecimal.
  private func rank(_ member: SiteID, in round: Int) -> String {
    ContentDigest.sha256(of: "consilium-merger-order-1\n\(study)\n\(arm)\n\(round)\n\(member)")
  }
}
