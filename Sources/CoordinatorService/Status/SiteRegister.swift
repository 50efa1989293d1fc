import Credentials
import FederatedCore
import FederatedTransport
import Foundation

/// The sites that have joined, and the process that acts for each.
struct SiteRegister: Sendable {
  struct Entry: Sendable {
    var process: String
    var programVersion: String
    var clockSkew: Double
    var lastSeen: Date
    var certificate: PeerCertificate?
  }

  private(set) var entries: [SiteID: Entry] = [:]
  /// Sites that joined before the coordinator was restarted.
  private var earlierSites: [SiteID: KnownSite] = [:]
  /// For each site, the earlier starts of its agent that a later start from the same folder has replaced.
  private var earlier: [SiteID: Set<String>] = [:]
  /// Sites where two agents run on copies of one folder. A newer start is refused until the current agent
  /// goes quiet.
  private var contested: Set<SiteID> = []
  /// How long another process is refused after the last sign of life from the current process.
  let takeover: Duration

  init(takeover: Duration) { self.takeover = takeover }

  /// Restores sites from before a restart. A site that joins again replaces its entry.
  mutating func remember(_ sites: [SiteID: KnownSite]) { earlierSites = sites }

  /// - Throws: ``ConsiliumError`` with code `.unavailable` if another process acts for the site.
  mutating func join(_ hello: SiteHello, from site: SiteID, at now: Date) throws(ConsiliumError) {
    try check(hello.process, site, at: now)
    let isCommand = !hello.process.contains("/")
    entries[site] = Entry(
      process: isCommand ? entries[site]?.process ?? hello.process : hello.process,
      programVersion: hello.programVersion,
      clockSkew: hello.clock.timeIntervalSince(now), lastSeen: now,
      certificate: hello.certificate)
  }

  /// Records a sign of life from the site's agent.
  mutating func touch(_ process: String?, _ site: SiteID, at now: Date) throws(ConsiliumError) {
    if let process { try check(process, site, at: now) }
    entries[site]?.lastSeen = now
  }

  private mutating func check(_ process: String, _ site: SiteID, at now: Date) throws(ConsiliumError) {
    guard let entry = entries[site], entry.process != process else { return }
    // An agent's `process` is `folder/start`. A command that uses the agent's folder sends only `folder`.
    let (folder, isStart) = (process.prefix { $0 != "/" }, process.contains("/"))
    let isQuiet = now.timeIntervalSince(entry.lastSeen) > takeover / .seconds(1)
    if folder == entry.process.prefix(while: { $0 != "/" }) {
      guard isStart else { return }
      if earlier[site]?.remove(process) != nil {
        // The earlier agent still runs although a later start replaced it, so the folder was copied. Accept
        // the earlier agent from now on.
        contested.insert(site)
      } else if contested.contains(site) {
        guard isQuiet else {
          throw ConsiliumError(
            .unavailable,
            "another agent that works on a copy of this agent's folder acts for site '\(site)'; stop one of the two for good"
          )
        }
        contested.remove(site)
      } else {
        earlier[site, default: []].insert(entry.process)
      }
      entries[site]?.process = process
      return
    }
    guard isQuiet else {
      throw ConsiliumError(
        .unavailable,
        "another agent acts for site '\(site)'; stop one of the two, or give each site its own identity"
      )
    }
  }

  func status(at now: Date, by authority: Authority) -> [SiteStatus] {
    let present = entries.map { site, entry in
      SiteStatus(
        site: site, isConnected: now.timeIntervalSince(entry.lastSeen) < takeover / .seconds(1),
        lastSeen: entry.lastSeen, programVersion: entry.programVersion, clockSkew: entry.clockSkew,
        certificateExpires: entry.certificate?.notAfter,
        isRevoked: entry.certificate.map(authority.isRevoked) ?? false)
    }
    let past = earlierSites.filter { entries[$0.key] == nil }.map { site, known in
      SiteStatus(
        site: site, isConnected: false, lastSeen: known.lastSeen, programVersion: known.programVersion,
        clockSkew: 0, certificateExpires: known.certificate?.notAfter,
        isRevoked: known.certificate.map(authority.isRevoked) ?? false)
    }
    return (present + past).sorted { $0.site < $1.site }
  }
}
