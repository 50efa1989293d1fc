import Synchronization

/// Tells everyone who listens that something happened; several times in a row may count as one.
final class Bell: Sendable {
  private let listeners = Mutex<(next: Int, sinks: [Int: AsyncStream<Void>.Continuation])>((0, [:]))

  func ring() {
    for sink in listeners.withLock({ Array($0.sinks.values) }) { sink.yield() }
  }

  func rings() -> AsyncStream<Void> {
    let (stream, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = listeners.withLock { listeners in
      listeners.next += 1
      listeners.sinks[listeners.next] = sink
      return listeners.next
    }
    sink.onTermination = { [weak self] _ in
      self?.listeners.withLock { _ = $0.sinks.removeValue(forKey: id) }
    }
    return stream
  }
}
