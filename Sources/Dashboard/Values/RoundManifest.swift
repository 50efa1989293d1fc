import FederatedCore
import Foundation

/// The signed record of one finished round: who contributed what, who was dropped and why, and the model that came of it.
public struct RoundManifest: Sendable, Equatable {
  public struct Contributor: Sendable, Equatable {
    public var site: SiteID
    /// Training examples that the update stands for.
    public var samples: Int
    /// The SHA-256 of the released update, in hexadecimal.
    public var updateDigest: String
    /// Whether the site signed the manifest.
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
  /// Counted from 1.
  public var round: Int
  /// When the round was committed.
  public var time: Date
  /// How long the round took.
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
