#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A flat vector of 32-bit floats in memory or in a mapped file, copied when it is written while shared.
///
/// A mapped file costs no anonymous memory until it is written, so a coordinator can hold models larger than its memory.
public struct ParameterBuffer: Sendable {
  private var storage: Storage

  /// A vector of `count` zeros.
  public init(zeros count: Int) { storage = Storage(zeros: count) }

  public init(_ values: some Collection<Float>) {
    storage = Storage(uninitialised: values.count)
    _ = storage.buffer.initialize(fromContentsOf: values)
  }

  /// A vector whose memory `fill` writes completely.
  public init<E: Error>(
    unsafeUninitializedCount count: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
  ) throws(E) {
    storage = Storage(uninitialised: count)
    try fill(storage.buffer)
  }

  /// Adopts `count` floats at `address`, inside a private mapping that is unmapped when the last copy goes.
  ///
  /// - Parameters:
  ///   - mapping: the whole mapping, as returned by `mmap`; at least readable. The file must not change while it is mapped.
  ///   - offset: where the floats begin, in bytes from the start of the mapping; a multiple of 4.
  public init(adoptingMapping mapping: UnsafeMutableRawBufferPointer, offset: Int, count: Int) {
    storage = Storage(mapping: mapping, offset: offset, count: count)
  }

  public var count: Int { storage.buffer.count }

  public func withUnsafeValues<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E)
    -> R
  {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(storage.buffer))
  }

  public mutating func withUnsafeMutableValues<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    if storage.isReadOnly || !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.buffer)
  }

  /// The memory behind a `ParameterBuffer`; written only while uniquely referenced, which makes sharing it safe.
  private final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Float>
    private let mapping: UnsafeMutableRawBufferPointer?
    var isReadOnly: Bool { mapping != nil }

    init(zeros count: Int) {
      // calloc hands out untouched zero pages for large vectors: nothing is written until it is needed.
      let address = calloc(max(count, 1), MemoryLayout<Float>.stride)
      guard let address else { fatalError("out of memory for \(count) parameters") }
      buffer = .init(start: address.bindMemory(to: Float.self, capacity: count), count: count)
      mapping = nil
    }

    init(uninitialised count: Int) {
      let address = malloc(max(count, 1) * MemoryLayout<Float>.stride)
      guard let address else { fatalError("out of memory for \(count) parameters") }
      buffer = .init(start: address.bindMemory(to: Float.self, capacity: count), count: count)
      mapping = nil
    }

    init(mapping: UnsafeMutableRawBufferPointer, offset: Int, count: Int) {
      precondition(offset.isMultiple(of: 4) && offset + 4 * count <= mapping.count)
      let start = count == 0 ? nil : mapping.baseAddress! + offset
      buffer = .init(start: start?.assumingMemoryBound(to: Float.self), count: count)
      self.mapping = mapping
    }

    convenience init(copying other: Storage) {
      self.init(uninitialised: other.buffer.count)
      _ = buffer.initialize(fromContentsOf: other.buffer)
    }

    deinit {
      if let mapping { munmap(mapping.baseAddress!, mapping.count) } else { free(buffer.baseAddress) }
    }
  }
}

extension ParameterBuffer: Equatable {
  /// Equal bit for bit, so that a NaN equals itself.
  public static func == (lhs: Self, rhs: Self) -> Bool {
    guard lhs.count == rhs.count else { return false }
    return lhs.withUnsafeValues { left in
      rhs.withUnsafeValues { right in
        left.count == 0 || memcmp(left.baseAddress!, right.baseAddress!, 4 * left.count) == 0
      }
    }
  }
}
