import Foundation
import Synchronization

/// Hands events on to whoever watches; one who is slow loses the oldest.
final class EventHub: Sendable {
  private struct Watcher {
    var study: String?
    var sink: AsyncStream<Data>.Continuation
  }

  private let watchers = Mutex<[Int: Watcher]>([:])

  /// - Parameter study: the only one that is of interest; nil for all.
  func watch(_ study: String?) -> AsyncStream<Data> {
    let (stream, sink) = AsyncStream<Data>.makeStream(bufferingPolicy: .bufferingNewest(1000))
    let id = watchers.withLock { watchers in
      let id = (watchers.keys.max() ?? 0) + 1
      watchers[id] = Watcher(study: study, sink: sink)
      return id
    }
    sink.onTermination = { [weak self] _ in
      self?.watchers.withLock { _ = $0.removeValue(forKey: id) }
    }
    return stream
  }

  func send(_ event: Data, of study: String) {
    let sinks = watchers.withLock { watchers in
      watchers.values.filter { $0.study == nil || $0.study == study }.map(\.sink)
    }
    for sink in sinks { sink.yield(event) }
  }

  func finish() {
    let sinks = watchers.withLock { $0.values.map(\.sink) }
    for sink in sinks { sink.finish() }
  }
}
