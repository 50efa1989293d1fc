import Foundation
import Synchronization

/// Distributes events to all watchers. A slow watcher loses the oldest events.
final class EventHub: Sendable {
  private struct Watcher {
    var study: String?
    var take: @Sendable (_ event: Data, _ study: String) -> Void
    var end: @Sendable () -> Void
  }

  private let watchers = Mutex<[Int: Watcher]>([:])

  /// - Parameters:
  ///   - study: the only study of interest; `nil` for all.
  ///   - first: an event that the watcher receives before all others.
  func watch(_ study: String?, first: Data? = nil) -> AsyncStream<Data> {
    let (stream, sink) = AsyncStream<Data>.makeStream(bufferingPolicy: .bufferingNewest(1000))
    if let first { sink.yield(first) }
    let id = add(Watcher(study: study, take: { event, _ in sink.yield(event) }, end: { sink.finish() }))
    sink.onTermination = { [weak self] _ in self?.remove(id) }
    return stream
  }

  /// A stream that yields a study's id each time that study has an event.
  func watchStudies() -> AsyncStream<String> {
    let (stream, sink) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(1000))
    let id = add(Watcher(take: { _, study in sink.yield(study) }, end: { sink.finish() }))
    sink.onTermination = { [weak self] _ in self?.remove(id) }
    return stream
  }

  private func add(_ watcher: Watcher) -> Int {
    watchers.withLock { watchers in
      let id = (watchers.keys.max() ?? 0) + 1
      watchers[id] = watcher
      return id
    }
  }

  private func remove(_ id: Int) { watchers.withLock { _ = $0.removeValue(forKey: id) } }

  func send(_ event: Data, of study: String) {
    let interested = watchers.withLock { watchers in
      watchers.values.filter { $0.study == nil || $0.study == study }
    }
    for watcher in interested { watcher.take(event, study) }
  }

  func finish() {
    for watcher in watchers.withLock({ Array($0.values) }) { watcher.end() }
  }
}
