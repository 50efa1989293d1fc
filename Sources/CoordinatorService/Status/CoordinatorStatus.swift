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
    /// The mean duration of its last rounds in seconds; `nil` before the first.
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
    /// When its current work was assigned.
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
  /// The state as named on all pages and in all commands. This and the following properties are `nil` from a
  /// coordinator of an older version.
  public var phase: StudyPhase?
  /// The last committed round of the arm that all sites train together, and the number of planned rounds.
  public var round: Int?
  public var rounds: Int?
  public var proposed: Date?
  public var started: Date?
  public var ended: Date?
  /// The expected end of the last round, from the recent rounds of each arm.
  public var expectedEnd: Date?
  /// The sites that the study waits for now.
  public var waiting: [StudyWait]?
}

extension StudyStatus {
  /// The sites that are late.
  public var late: [StudyWait] { (waiting ?? []).filter { $0.lateSince != nil } }
}

/// One site of the consortium as the coordinator sees it.
public struct SiteStatus: Sendable, Codable, Equatable {
  public enum Link: String, Sendable, Codable, CaseIterable {
    case connected
    /// It was connected earlier, but not now.
    case away
    /// It is invited to a study but has never joined.
    case never
    /// Its certificate was revoked.
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
  /// The connection state, the same on all pages and in all commands; `nil` from a coordinator of an older
  /// version.
  public var link: Link?
}
