import FederatedCore
import Foundation

/// The signed record of a finished round: the contributions, the dropped sites with reasons, and the
/// resulting model.
public struct ManifestRecord: Sendable, Equatable {
  public struct Contributor: Sendable, Equatable {
    public var site: SiteID
    /// The number of training examples behind the update.
    public var samples: Int
    /// The SHA-256 of the released update, in hexadecimal.
    public var updateDigest: String
    /// Whether the manifest contains the site's signed contribution.
    public var hasSigned: Bool

    public init(site: SiteID, samples: Int, updateDigest: String, hasSigned: Bool) {
      self.site = site
      self.samples = samples
      self.updateDigest = updateDigest
      self.hasSigned = hasSigned
    }
  }

  public struct Dropped: Sendable, Equatable {
    public var site: SiteID
    public var reason: String

    public init(site: SiteID, reason: String) {
      self.site = site
      self.reason = reason
    }
  }

  public var arm: String
  /// The round's number, from 1.
  public var round: Int
  /// The time at which the round was committed.
  public var time: Date
  /// The duration of the round.
  public var seconds: Double
  public var contributors: [Contributor]
  public var dropped: [Dropped]
  /// The SHA-256 of the global model after the round, in hexadecimal.
  public var modelDigest: String

  public init(
    arm: String, round: Int, time: Date, seconds: Double, contributors: [Contributor],
    dropped: [Dropped] = [],
    modelDigest: String
  ) {
    self.arm = arm
    self.round = round
    self.time = time
    self.seconds = seconds
    self.contributors = contributors
    self.dropped = dropped
    self.modelDigest = modelDigest
  }
}
