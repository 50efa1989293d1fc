import Credentials
import Foundation

/// The address of a coordinator or an anchor, and the time limits of a connection to it.
public struct ClientConfiguration: Sendable {
  /// The name or address of the server's machine, which must also be in the server's certificate.
  public var host: String
  public var port: Int
  /// The role that the server's certificate must have.
  public var server = Role.coordinator
  /// The maximum number of bytes sent per second; `nil` for no limit.
  public var uploadRate: Int?
  /// The longest wait between two attempts to reach the coordinator.
  public var longestBackoff: Duration = .seconds(15)
  /// How long the coordinator may be unreachable before a call fails; `nil` to wait forever.
  public var patience: Duration?
  /// The interval between pings on an idle connection, and the time that the reply may take before the
  /// connection is closed. On a new connection, the server's first bytes may take the sum of these two
  /// durations.
  public var keepalive: (every: Duration, answer: Duration) = (.seconds(20), .seconds(10))
  /// How often the coordinator's certificate is checked while a connection is open.
  var certificateCheck: Duration = .seconds(30)

  public init(host: String, port: Int, uploadRate: Int? = nil, patience: Duration? = nil) {
    self.host = host
    self.port = port
    self.uploadRate = uploadRate
    self.patience = patience
  }

  /// Whether the host is an IP address instead of a name.
  var isAddress: Bool { host.contains(":") || host.wholeMatch(of: /[0-9.]+/) != nil }

  /// Parses `HOST:PORT`, with brackets around an IPv6 address. The port is optional.
  public init?(address: String, defaultPort: Int = 8443) {
    let pattern = /(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[A-Za-z0-9._-]+))(?::(?<port>[0-9]{1,5}))?/
    guard let match = address.wholeMatch(of: pattern), let host = match.ipv6 ?? match.host else { return nil }
    let port = match.port.flatMap { Int($0) } ?? defaultPort
    guard (1...65_535).contains(port) else { return nil }
    self.init(host: String(host), port: port)
  }
}
