import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation

/// Studies and sites as they stand; what `study status --json` prints and the dashboard shows.
public struct CoordinatorStatus: Sendable, Codable, Equatable {
  public var consortium: String
  public var version: String
  public var studies: [StudyStatus]
  public var sites: [SiteStatus]
}

/// One study as it stands.
public struct StudyStatus: Sendable, Codable, Equatable {
  /// A site's answer to the proposal.
  public struct Decision: Sendable, Codable, Equatable {
    public var site: SiteID
    public var isRequired: Bool
    /// `signed`, `declined` or nil where the site has not answered.
    public var verdict: String?
    public var reason: String?
    public var time: Date?
  }

  /// How far one arm is.
  public struct Arm: Sendable, Codable, Equatable {
    public var name: String
    public var round: Int
    public var rounds: Int
    /// When the round under way began; nil where none is.
    public var roundBegan: Date?
    /// The score of the last validation.
    public var score: Double?
    public var hasEnded = false
    /// What each site is doing in the round.
    public var sites: [SiteWork] = []
    /// The mean seconds of its last rounds; `nil` before the first.
    public var recentSeconds: Double?
  }

  /// One site at work in a round.
  public struct SiteWork: Sendable, Codable, Equatable {
    public enum Stage: String, Sendable, Codable { case assigned, training, delivered, validating, dropped }

    public var site: SiteID
    public var stage: Stage
    public var step: Int = 0
    public var steps: Int = 0
    public var loss: Double?
    public var examplesPerSecond: Double?
    /// Why it was dropped.
    public var note: String?
    /// When it was given what it does now.
    public var since: Date?
  }

  public var id: String
  public var name: String
  public var version: Int
  public var title: String
  public var digest: String
  public var lead: Party
  public var state: StudyState
  public var reason: String
  public var decisions: [Decision]
  public var readiness: [SiteReadiness]
  /// What the rehearsal foretells of a round; empty before it.
  public var forecast: [SiteForecast]
  public var arms: [Arm]
  /// The state in the words of all pages and commands; `nil` from a coordinator of an older version, as are those below.
  public var phase: StudyPhase?
  /// The last committed round of the arm that all sites train together, and how many there are to be.
  public var round: Int?
  public var rounds: Int?
  public var proposed: Date?
  public var started: Date?
  public var ended: Date?
  /// When the last round will be complete, by the last rounds of each arm.
  public var expectedEnd: Date?
  /// Whom the study waits for now.
  public var waiting: [StudyWait]?
}

extension StudyStatus {
  /// The sites that take longer than usual.
  public var late: [StudyWait] { (waiting ?? []).filter { $0.lateSince != nil } }
}

/// One site of the consortium as the coordinator sees it.
public struct SiteStatus: Sendable, Codable, Equatable {
  public enum Link: String, Sendable, Codable, CaseIterable {
    case connected
    /// It was connected before.
    case away
    /// It is asked to take part in a study and never joined.
    case never
    /// Its certificate was taken back.
    case revoked
  }

  public var site: SiteID
  public var isConnected: Bool
  public var lastSeen: Date?
  public var programVersion: String
  /// Seconds by which the site's clock is ahead; 0 for one that has not joined since the coordinator started.
  public var clockSkew: Double
  /// When the certificate that it last showed ends.
  public var certificateExpires: Date?
  /// True where that certificate has been taken back.
  public var isRevoked: Bool
  /// How it is connected, alike for all pages and commands; `nil` from a coordinator of an older version.
  public var link: Link?
}
