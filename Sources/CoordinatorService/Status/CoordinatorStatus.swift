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
  }

  /// One site at work in a round.
  public struct SiteWork: Sendable, Codable, Equatable {
    public enum Stage: String, Sendable, Codable { case assigned, training, delivered, dropped }

    public var site: SiteID
    public var stage: Stage
    public var step: Int = 0
    public var steps: Int = 0
    public var loss: Double?
    public var examplesPerSecond: Double?
    /// Why it was dropped.
    public var note: String?
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
}

/// One site of the consortium as the coordinator sees it.
public struct SiteStatus: Sendable, Codable, Equatable {
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
}
