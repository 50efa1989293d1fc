import Foundation

/// Where a party finds its coordinator, and how patient it is.
public struct ClientConfiguration: Sendable {
  /// The host's name or address, as the coordinator's certificate names it.
  public var host: String
  public var port: Int
  /// The most bytes a second that are sent; nil for no limit.
  public var uploadRate: Int?
  /// The longest wait between two attempts to reach the coordinator.
  public var longestBackoff: Duration = .seconds(15)
  /// How long the coordinator may be out of reach before a call is given up; nil for ever.
  public var patience: Duration?
  /// How often a silent connection is tried, and how long the answer may take before the connection counts as gone; a new
  /// connection has the two together for its first word.
  public var keepalive: (every: Duration, answer: Duration) = (.seconds(20), .seconds(10))
  /// How often the coordinator's certificate is checked while a connection is open.
  var certificateCheck: Duration = .seconds(30)

  public init(host: String, port: Int, uploadRate: Int? = nil, patience: Duration? = nil) {
    (self.host, self.port, self.uploadRate, self.patience) = (host, port, uploadRate, patience)
  }

  /// True where the host is an IP address, not a name.
  var isAddress: Bool { host.contains(":") || host.wholeMatch(of: /[0-9.]+/) != nil }

  /// `HOST:PORT`, with brackets around an IPv6 address; the port may be left out.
  public init?(address: String, defaultPort: Int = 8443) {
    let pattern = /(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[A-Za-z0-9._-]+))(?::(?<port>[0-9]{1,5}))?/
    guard let match = address.wholeMatch(of: pattern), let host = match.ipv6 ?? match.host else { return nil }
    let port = match.port.flatMap { Int($0) } ?? defaultPort
    guard (1...65_535).contains(port) else { return nil }
    self.init(host: String(host), port: port)
  }
}
