import FederatedCore
import Foundation

/// A round in progress.
public struct LiveRound: Sendable, Equatable {
  public enum Stage: String, Sendable, CaseIterable {
    case waiting, downloading, training, uploading, validating, finished, dropped
  }

  /// A site's part in the round.
  public struct Site: Sendable, Equatable {
    public var site: SiteID
    public var title: String?
    public var stage: Stage
    /// The progress within the stage, in training steps or chunks of a transfer; 0 of 0 if nothing is
    /// counted.
    public var step: Int
    public var stepCount: Int
    public var loss: Double?
    /// The number of training examples per second.
    public var examplesPerSecond: Double?
    /// The estimated number of seconds until the site finishes the round.
    public var secondsLeft: Double?
    /// The reason why the site was dropped, or what it is waiting for.
    public var note: String?

    public init(
      site: SiteID, title: String? = nil, stage: Stage, step: Int = 0, stepCount: Int = 0,
      loss: Double? = nil,
      examplesPerSecond: Double? = nil, secondsLeft: Double? = nil, note: String? = nil
    ) {
      self.site = site
      self.title = title
      self.stage = stage
      self.note = note
      self.step = step
      self.stepCount = stepCount
      self.loss = loss
      self.examplesPerSecond = examplesPerSecond
      self.secondsLeft = secondsLeft
    }
  }

  /// The arm of the study, such as `fedavg`.
  public var arm: String
  /// Whether this is the rehearsal, whose results are discarded.
  public var isRehearsal: Bool
  /// The round's number, from 1.
  public var round: Int
  public var rounds: Int
  public var startedAt: Date
  /// The time at which unfinished sites will be dropped.
  public var deadline: Date?
  public var sites: [Site]

  public init(
    arm: String, isRehearsal: Bool = false, round: Int, rounds: Int, startedAt: Date, deadline: Date? = nil,
    sites: [Site]
  ) {
    self.arm = arm
    self.isRehearsal = isRehearsal
    self.round = round
    self.rounds = rounds
    self.startedAt = startedAt
    self.deadline = deadline
    self.sites = sites
  }
}
