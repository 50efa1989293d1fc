import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyAgreement

/// The current state of all studies and sites, as printed by `study status --json` and shown on the
/// dashboard.
public struct CoordinatorStatus: Sendable, Codable, Equatable {
  public var consortium: String
  public var version: String
  public var studies: [StudyStatus]
  public var sites: [SiteStatus]
}

/// The current state of one study.
public struct StudyStatus: Sendable, Codable, Equatable {
  /// A site's decision on the proposal.
  public struct Decision: Sendable, Codable, Equatable {
    public var site: SiteID
    public var isRequired: Bool
    /// `signed` or `declined`; `nil` if the site has not answered.
    public var verdict: String?
    public var reason: String?
    public var time: Date?
  }

  /// The progress of one arm.
  public struct Arm: Sendable, Codable, Equatable {
    public var name: String
    public var round: Int
    public var rounds: Int
    /// When the current round began; `nil` if there is none.
    public var roundBegan: Date?
    /// The score of the last validation.
    public var score: Double?
    public var hasEnded = false
    /// The current work of each site in the round.
    public var sites: [SiteWork] = []
    /// The mean duration of the arm's last rounds in seconds; `nil` before the first round.
    public var recentSeconds: Double?
  }

  /// The work of one site in a round.
  public struct SiteWork: Sendable, Codable, Equatable {
    public enum Stage: String, Sendable, Codable { case assigned, training, delivered, validating, dropped }

    public var site: SiteID
    public var stage: Stage
    public var step: Int = 0
    public var steps: Int = 0
    public var loss: Double?
    public var examplesPerSecond: Double?
    /// The reason why the site was dropped.
    public var note: String?
    /// When the site's current work was assigned.
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
  /// The rehearsal's prediction of the time that a round takes at each site; empty before the rehearsal.
  public var forecast: [SiteForecast]
  public var arms: [Arm]
  /// The state as named on all pages and in all commands. This and the following properties are `nil` if the
  /// coordinator's version is older.
  public var phase: StudyPhase?
  /// The last committed round of the arm that all sites train together.
  public var round: Int?
  /// The number of planned rounds.
  public var rounds: Int?
  public var proposed: Date?
  public var started: Date?
  public var ended: Date?
  /// The expected end of the study's last round, estimated from the recent rounds of each arm.
  public var expectedEnd: Date?
  /// The sites that the study waits for now.
  public var waiting: [StudyWait]?
  /// The digest of the proposal, which the lead signs to start the study.
  public var proposal: String?
  /// The number of the attempt at the study, from 1. A coordinator that has lost rounds begins another one.
  public var attempt: Int?
}

extension StudyStatus {
  /// The sites that are late.
  public var late: [StudyWait] { (waiting ?? []).filter { $0.lateSince != nil } }
}

/// One site of the consortium, as the coordinator sees it.
public struct SiteStatus: Sendable, Codable, Equatable {
  public enum Link: String, Sendable, Codable, CaseIterable {
    case connected
    /// The site was connected earlier, but is not now.
    case away
    /// The site is invited to a study but has never joined.
    case never
    /// The site's certificate was revoked.
    case revoked
  }

  public var site: SiteID
  public var isConnected: Bool
  public var lastSeen: Date?
  public var programVersion: String
  /// The seconds by which the site's clock is ahead; 0 if the site has not joined since the coordinator
  /// started.
  public var clockSkew: Double
  /// The expiry date of the certificate that the site presented last.
  public var certificateExpires: Date?
  /// Whether the certificate that the site presented last was revoked.
  public var isRevoked: Bool
  /// The connection state, the same on all pages and in all commands; `nil` if the coordinator's version is
  /// older.
  public var link: Link?
}
