import Synchronization

/// Decoded records in memory, within a stated bound; the least recently used are removed first.
///
/// Shared by all sessions of one worker process, so a pooled session needs no second copy of its sites'
/// records.
final class RecordCache: Sendable {
  private struct State {
    var entries: [String: (record: DecodedRecord, lastUse: UInt64)] = [:]
    var bytes = 0
    var clock: UInt64 = 0
    var bound: Int
  }

  private let state: Mutex<State>

  /// - Parameter bound: the maximum number of bytes of voxels to keep.
  init(bound: Int) { state = Mutex(State(bound: bound)) }

  /// Raises the bound. A smaller bound than the present one is ignored, since open sessions rely on the
  /// present one.
  func raiseBound(to bound: Int) { state.withLock { $0.bound = max($0.bound, bound) } }

  /// The record under `key`, decoded by `decode` if it is not in memory. Safe to call from several threads.
  func record<E: Error>(_ key: String, decode: () throws(E) -> DecodedRecord) throws(E) -> DecodedRecord {
    if let record = lookUp(key) { return record }
    // Decode outside the lock. Two threads may then decode the same record, which is wasteful but harmless.
    let record = try decode()
    insert(record, under: key)
    return record
  }

  var byteCount: Int { state.withLock { $0.bytes } }

  private func lookUp(_ key: String) -> DecodedRecord? {
    state.withLock { state in
      guard let record = state.entries[key]?.record else { return nil }
      state.clock += 1
      state.entries[key]?.lastUse = state.clock
      return record
    }
  }

  private func insert(_ record: DecodedRecord, under key: String) {
    state.withLock { state in
      guard state.entries[key] == nil, record.byteCount <= state.bound else { return }
      while state.bytes + record.byteCount > state.bound {
        guard let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        state.bytes -= oldest.value.record.byteCount
        state.entries[oldest.key] = nil
      }
      state.clock += 1
      state.entries[key] = (record, state.clock)
      state.bytes += record.byteCount
    }
  }
}
