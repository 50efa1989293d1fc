import FederatedCore
import Foundation

/// A site that a study waits for: since when, until when, and whether it is late.
public struct StudyWait: Sendable, Codable, Equatable {
  public enum Work: String, Sendable, Codable, CaseIterable {
    /// The site's report that its data and machine are ready.
    case readiness
    case rehearsal, training, validation
    case finalEvaluation = "final-evaluation"
  }

  public var site: SiteID
  public var work: Work
  /// The arm in which the site must work; `nil` for readiness.
  public var arm: String?
  /// The round's number, counted from 1; `nil` for readiness.
  public var round: Int?
  public var since: Date
  /// When the site became late; `nil` if it is not late.
  public var lateSince: Date?
  /// When the study continues without the site; `nil` if it waits indefinitely.
  public var dropsAt: Date?
  public var isRequired: Bool
}
