import FederatedCore
import Synchronization

/// What a site has sent and fetched in files.
public struct SiteTraffic: Sendable, Equatable {
  /// Bytes of models' chunks that have come from the site and were kept.
  public var received = 0
  /// Bytes of models' chunks that have gone to the site.
  public var sent = 0

  public init(received: Int = 0, sent: Int = 0) { (self.received, self.sent) = (received, sent) }
}

/// Counts the bytes of files that pass between the sites and this server, since it started.
///
/// Chunks that are sent again after a break count again: it tells what the network carries.
final class TrafficLedger: Sendable {
  private let sites = Mutex<[SiteID: SiteTraffic]>([:])

  var totals: [SiteID: SiteTraffic] { sites.withLock { $0 } }

  func received(_ bytes: Int, from site: SiteID) {
    sites.withLock { $0[site, default: .init()].received += bytes }
  }

  func sent(_ bytes: Int, to site: SiteID) { sites.withLock { $0[site, default: .init()].sent += bytes } }
}
