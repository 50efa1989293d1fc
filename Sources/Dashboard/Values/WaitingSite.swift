import FederatedCore
import Foundation
import Reporting

/// A site that a study waits for, and what is said of it, alike on pages and in `study status`.
public struct WaitingSite: Sendable, Equatable {
  public var site: SiteID
  /// What it is waited for, after `with`: `training round 3 of FedAvg`.
  public var work: String
  public var since: Date
  /// When the time ran out that the work usually takes; `nil` if it has not yet.
  public var lateSince: Date?
  /// When the study goes on without the site; `nil` if it waits as long as it takes.
  public var dropsAt: Date?
  public var isRequired: Bool
  /// Whether the site's agent is connected; `nil` if that is not known.
  public var isConnected: Bool?

  public init(
    site: SiteID, work: String, since: Date, lateSince: Date? = nil, dropsAt: Date? = nil, isRequired: Bool,
    isConnected: Bool? = nil
  ) {
    self.site = site
    self.work = work
    self.since = since
    self.lateSince = lateSince
    self.dropsAt = dropsAt
    self.isRequired = isRequired
    self.isConnected = isConnected
  }

  /// `south is late with training round 3: asked 30 Nov 2026, 11:40 UTC (6 min ago), late since 11:44 UTC. …`
  public func sentence(now: Date) -> String {
    let asked = "asked \(TimeText.text(since)) UTC (\(TimeText.distance(to: since, from: now)))"
    let late = lateSince.map { ", late since \(TimeText.clock($0, beside: since)) UTC" } ?? ""
    let link = isConnected == false ? ", and not connected" : ""
    return
      "\(site) is \(lateSince == nil ? "busy" : "late") with \(work): \(asked)\(late)\(link). \(outlook(now: now))"
  }

  /// What becomes of it.
  public func outlook(now: Date) -> String {
    guard let dropsAt else {
      return isRequired
        ? "The study requires it and waits as long as it takes." : "The study waits as long as it takes."
    }
    let time = TimeText.clock(dropsAt, beside: since)
    return dropsAt <= now
      ? "It is dropped any moment now."
      : "It is dropped at \(time) UTC (\(TimeText.distance(to: dropsAt, from: now))), unless it answers."
  }
}
