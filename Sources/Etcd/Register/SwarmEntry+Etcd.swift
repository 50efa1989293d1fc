import FederatedCore
import Foundation

extension SwarmKey {
  var bytes: Data { Data(description.utf8) }

  /// The first key that may lie under this one.
  var firstBelow: Data { bytes + [UInt8(ascii: "/")] }

  /// The first key after those that lie under this one.
  var endBelow: Data { bytes + [UInt8(ascii: "/") + 1] }

  fileprivate init(etcd bytes: Data) throws(ConsiliumError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConsiliumError(.unavailable, "the register holds a key that is no text; it was changed by others")
    }
    self.init(text)
  }
}

extension SwarmEntry {
  init(_ pair: Etcdserverpb_KeyValue) throws(ConsiliumError) {
    self.init(
      key: try SwarmKey(etcd: pair.key), value: Array(pair.value), revision: Int(pair.createRevision))
  }
}

extension SwarmChange {
  /// Returns `nil` for a change of an entry that existed before, which no ``EtcdRegister`` makes.
  init?(_ event: Etcdserverpb_Event) throws(ConsiliumError) {
    switch event.type {
    case .put where event.kv.createRevision == event.kv.modRevision:
      self = .created(try SwarmEntry(event.kv))
    case .delete: self = .removed(try SwarmKey(etcd: event.kv.key), revision: Int(event.kv.modRevision))
    default: return nil
    }
  }
}

extension Etcdserverpb_WatchResponse {
  /// Why the watch was cancelled.
  var reason: String {
    if compactRevision > 0 { return "changes before revision \(compactRevision) are gone" }
    return cancelReason.isEmpty ? "the watch was cancelled" : cancelReason
  }
}
