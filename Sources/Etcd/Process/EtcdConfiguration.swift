import FederatedCore
import Foundation

/// How an etcd process is started.
///
/// etcd listens on Unix sockets in its own folder, which only the owner may enter. No other user of the
/// machine can therefore reach it, and it needs neither a port nor a password.
public struct EtcdConfiguration: Sendable {
  /// The name of the socket for clients, relative to the folder. etcd demands the form `host:port`.
  static let clientSocket = "client:0"

  /// The folder in which everything is kept.
  public var folder: URL
  /// The program.
  public var program: URL
  /// The name of this anchor; letters, digits, `-`, `_` and `.`.
  public var name: String
  /// The names of all anchors, this one among them.
  public var anchors: [String]
  /// How often the leader of several anchors shows that it is there.
  public var heartbeat: Duration
  /// How long the leader must be silent before the others elect a new one.
  public var election: Duration

  /// A single anchor has nobody to elect, so its leases may be as short as 2 seconds. Several anchors allow
  /// for the delays between hospitals; their leases last at least 4 seconds.
  public init(folder: URL, program: URL, name: String, anchors: [String]? = nil) {
    (self.folder, self.program, self.name) = (folder, program, name)
    self.anchors = anchors ?? [name]
    let isAlone = self.anchors.count == 1
    heartbeat = .milliseconds(isAlone ? 100 : 250)
    election = .milliseconds(isAlone ? 1000 : 2500)
  }

  /// The name of the socket by which the other anchors reach an anchor, relative to the folder. In the folder
  /// of the anchor itself, etcd listens on it; in the folders of the others, a tunnel does.
  public static func peerSocket(of anchor: String) -> String { "anchor-\(anchor):0" }

  /// The program `etcd` of this machine.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if it is not installed.
  public static func installedProgram() throws(ConsiliumError) -> URL {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for folder in path.split(separator: ":").map(String.init) + ["/usr/bin"] {
      let file = URL(fileURLWithPath: folder).appending(path: "etcd")
      if access(file.path, X_OK) == 0 { return file }
    }
    throw ConsiliumError(
      .unavailable,
      "etcd is not installed on this machine. An anchor needs it: apt-get install etcd-server")
  }

  /// The command line, without the program.
  var arguments: [String] {
    let own = "unix://\(Self.peerSocket(of: name))"
    return [
      "--name", name, "--data-dir", "data",
      "--listen-client-urls", "unix://\(Self.clientSocket)",
      "--advertise-client-urls", "unix://\(Self.clientSocket)",
      "--listen-peer-urls", own, "--initial-advertise-peer-urls", own,
      "--initial-cluster",
      anchors.map { "\($0)=unix://\(Self.peerSocket(of: $0))" }.joined(separator: ","),
      "--initial-cluster-token", "consilium",
      "--enable-grpc-gateway=false", "--enable-v2=false",
      "--heartbeat-interval", "\(milliseconds(heartbeat))",
      "--election-timeout", "\(milliseconds(election))",
      "--logger", "zap", "--log-level", "warn",
    ]
  }

  private func milliseconds(_ duration: Duration) -> Int { Int((duration / .milliseconds(1)).rounded()) }
}
