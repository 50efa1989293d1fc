import FederatedCore
import Synchronization

/// The number of bytes of files that a site has sent and fetched.
public struct SiteTraffic: Sendable, Equatable {
  /// The number of bytes in file chunks that were received from the site and kept.
  public var received = 0
  /// The number of bytes in file chunks that were sent to the site.
  public var sent = 0

  public init(received: Int = 0, sent: Int = 0) {
    self.received = received
    self.sent = sent
  }
}

/// Counts the bytes of files that sites and this server exchange, from the start of the server.
///
/// Chunks that are sent again after an interruption are counted again: the numbers show the load on the
/// network.
final class TrafficLedger: Sendable {
  private let sites = Mutex<[SiteID: SiteTraffic]>([:])

  var totals: [SiteID: SiteTraffic] { sites.withLock { $0 } }

  func received(_ bytes: Int, from site: SiteID) {
    sites.withLock { $0[site, default: .init()].received += bytes }
  }

  func sent(_ bytes: Int, to site: SiteID) { sites.withLock { $0[site, default: .init()].sent += bytes } }
}
