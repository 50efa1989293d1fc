import FederatedCore
import Foundation
import Reporting

/// A site that a study waits for, with the sentence shown on pages and in `study status`.
public struct WaitingSite: Sendable, Equatable {
  public var site: SiteID
  /// The work that the site is to do, as written after `with`, such as `training round 3 of FedAvg`.
  public var work: String
  public var since: Date
  /// When the site became late; `nil` if it is not late.
  public var lateSince: Date?
  /// When the study continues without the site; `nil` if it waits indefinitely.
  public var dropsAt: Date?
  public var isRequired: Bool
  /// Whether the site's agent is connected; `nil` if unknown.
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
  ///
  /// - Parameter title: the site's full name; its code unless given.
  public func sentence(now: Date, title: String? = nil) -> String {
    let asked = "asked \(TimeText.text(since)) UTC (\(TimeText.distance(to: since, from: now)))"
    let late = lateSince.map { ", late since \(TimeText.clock($0, beside: since)) UTC" } ?? ""
    let link = isConnected == false ? ", and not connected" : ""
    return
      "\(title ?? site.rawValue) is \(lateSince == nil ? "busy" : "late") with \(work): \(asked)\(late)\(link). \(outlook(now: now))"
  }

  /// What the study does if the site does not answer.
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
