import FederatedCore
import Foundation

/// A round that is under way.
public struct LiveRound: Sendable, Equatable {
  public enum Stage: String, Sendable, CaseIterable {
    case waiting, downloading, training, uploading, validating, finished, dropped
  }

  /// What one site does in the round.
  public struct Site: Sendable, Equatable {
    public var site: SiteID
    public var title: String?
    public var stage: Stage
    /// Of the stage: training steps, or chunks of a transfer; 0 of 0 where nothing is counted.
    public var step: Int
    public var stepCount: Int
    public var loss: Double?
    /// Training examples in a second.
    public var examplesPerSecond: Double?
    /// Seconds until the site will be done with the round, by forecast.
    public var secondsLeft: Double?
    /// Why it was dropped, or what it waits for.
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
  /// Whether it is the rehearsal, of which nothing is kept.
  public var isRehearsal: Bool
  /// Counted from 1.
  public var round: Int
  public var rounds: Int
  public var startedAt: Date
  /// When sites that are not done will be dropped.
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
