import FederatedCore
import Foundation

/// A site that a study waits for: since when, whether that is longer than usual, and until when.
public struct StudyWait: Sendable, Codable, Equatable {
  public enum Work: String, Sendable, Codable, CaseIterable {
    /// To say that its data and machine are ready.
    case readiness
    case rehearsal, training, validation
    case finalEvaluation = "final-evaluation"
  }

  public var site: SiteID
  public var work: Work
  /// `nil` for readiness.
  public var arm: String?
  /// Counted from 1; `nil` for readiness.
  public var round: Int?
  public var since: Date
  /// When the time ran out that the work usually takes; `nil` if it has not yet.
  public var lateSince: Date?
  /// When the study goes on without the site; `nil` if it waits as long as it takes.
  public var dropsAt: Date?
  public var isRequired: Bool
}
