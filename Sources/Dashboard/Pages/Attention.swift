import Foundation

/// A list of what needs someone's attention: first for the studies, then for the sites.
struct Attention {
  private(set) var notes: [String] = []

  /// How long before its expiry a certificate is listed.
  private static let notice: TimeInterval = 14 * 86400
  /// The largest tolerated clock skew in seconds. Certificates and the hours of a site's policy depend on the
  /// site's clock.
  private static let skewLimit = 60.0

  init(_ overview: Overview) {
    for study in overview.studies {
      switch study.state {
      case .failed:
        notes.append("\(study.title): failed. \(study.note ?? "The coordinator's log gives the reason.")")
      case .partial:
        notes.append("\(study.title): incomplete. \(study.note ?? "The report states what is missing.")")
      case .paused:
        notes.append("\(study.title): paused. \(study.note ?? "It continues when someone resumes it.")")
      case .ready:
        notes.append("\(study.title): all required sites have signed. The study lead can start it.")
      default: break
      }
      notes += study.late.map { late in
        let title = overview.sites.first { $0.site == late.site }?.title
        return "\(study.title): \(late.sentence(now: overview.time, title: title))"
      }
    }
    let isUnderWay = overview.studies.contains { [.rehearsing, .running].contains($0.state) }
    let sites = overview.sites.filter { $0.link != .revoked }
    for site in sites where site.link == .away && isUnderWay {
      let since =
        site.lastSeen.map { ", last seen \(TimeText.distance(to: $0, from: overview.time))" } ?? ""
      notes.append("\(Self.name(site)): away while a study runs\(since).")
    }
    for site in sites {
      if let expires = site.certificateExpires {
        if expires <= overview.time {
          notes.append(
            "\(Self.name(site)): its certificate has expired. The site must renew it before it can connect.")
        } else if expires.timeIntervalSince(overview.time) < Self.notice {
          notes.append(
            "\(Self.name(site)): its certificate expires \(TimeText.distance(to: expires, from: overview.time))."
          )
        }
      }
      if let skew = site.clockSkew, abs(skew) > Self.skewLimit {
        notes.append(
          "\(Self.name(site)): its clock is \(TimeText.rough(abs(skew))) \(skew > 0 ? "ahead" : "behind"). Certificates may be refused."
        )
      }
    }
  }

  private static func name(_ site: SiteLine) -> String { site.title ?? site.site.rawValue }
}
