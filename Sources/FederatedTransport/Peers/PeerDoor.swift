import Foundation

/// Where an anchor takes the connections of other anchors' etcd processes.
public struct PeerDoor: Sendable {
  /// The path of the socket on which the etcd of this anchor waits for its peers.
  public var socket: String
  /// The names of the other anchors.
  public var anchors: Set<String>

  public init(socket: String, anchors: Set<String>) {
    self.socket = socket
    self.anchors = anchors
  }
}
