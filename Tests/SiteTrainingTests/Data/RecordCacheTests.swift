import Testing

@testable import SiteTraining

struct RecordCacheTests {
  /// A record of 4 × `count` bytes.
  private func record(_ count: Int) -> DecodedRecord {
    DecodedRecord(
      shape: [1, count], exampleCount: 1, image: [Float](repeating: 0, count: count), mask: [], spacing: [1])
  }

  @Test func leastRecentlyUsedRecordIsEvictedFirst() {
    let cache = RecordCache(bound: 100)
    var decoded: [String] = []
    func use(_ key: String) {
      _ = cache.record(key) {
        decoded.append(key)
        return record(10)
      }
    }
    for key in ["a", "b", "a", "c", "a", "b"] { use(key) }
    // `c` evicted `b`, since `a` was used in between.
    #expect(decoded == ["a", "b", "c", "b"])
    #expect(cache.byteCount == 80)
  }

  @Test func cacheStaysWithinItsBound() {
    let cache = RecordCache(bound: 100)
    for number in 0..<20 {
      _ = cache.record("\(number)") { record(1 + number) }
      #expect(cache.byteCount <= 100)
    }
    let before = cache.byteCount
    _ = cache.record("large") { record(26) }
    #expect(cache.byteCount == before)
  }

  @Test func boundNeverShrinks() {
    let cache = RecordCache(bound: 0)
    cache.raiseBound(to: 100)
    cache.raiseBound(to: 10)
    _ = cache.record("a") { record(20) }
    #expect(cache.byteCount == 80)
  }
}
