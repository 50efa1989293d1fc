import FederatedCore
import Foundation
import Reporting

/// A site for which a study is waiting, with the sentence shown on pages and in `study status`.
public struct WaitingSite: Sendable, Equatable {
  public var site: SiteID
  /// The work that the site must do, as written after `with`, such as `training round 3 of FedAvg`.
  public var work: String
  public var since: Date
  /// The time from which the site is late; `nil` if it is not late.
  public var lateSince: Date?
  /// The time at which the study continues without the site; `nil` if it waits indefinitely.
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

  /// A sentence for pages, such as
  /// `south is late with training round 3: asked 30 Nov 2026, 11:40 UTC (6 min ago), late since 11:44 UTC. …`
  ///
  /// - Parameter title: The site's full name; by default, its code.
  public func sentence(now: Date, title: String? = nil) -> String {
    let asked = "asked \(TimeText.text(since)) UTC (\(TimeText.distance(to: since, from: now)))"
    let late = lateSince.map { ", late since \(TimeText.clock($0, beside: since)) UTC" } ?? ""
    let link = isConnected == false ? ", and not connected" : ""
    return
      "\(title ?? site.rawValue) is \(lateSince == nil ? "busy" : "late") with \(work): \(asked)\(late)\(link). \(outlook(now: now))"
  }

  /// The consequence if the site does not answer.
  public func outlook(now: Date) -> String {
    guard let dropsAt else {
      return isRequired
        ? "The study requires it and waits indefinitely." : "The study waits indefinitely."
    }
    let time = TimeText.clock(dropsAt, beside: since)
    return dropsAt <= now
      ? "It will be dropped at any moment."
      : "It will be dropped at \(time) UTC (\(TimeText.distance(to: dropsAt, from: now))), unless it answers."
  }
}
