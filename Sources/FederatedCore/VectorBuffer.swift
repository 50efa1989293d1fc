#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A flat vector of the parameters of a model.
public typealias ParameterBuffer = VectorBuffer<Float>

/// The source of memory for large new vectors.
public enum VectorSpool {
  /// The memory for large new vectors of the current task; `nil` for the heap. A coordinator sets this
  /// property, so that its sums, like its mapped models, need little anonymous memory.
  @TaskLocal public static var current: (any VectorMemory)?
}

/// A flat vector of numbers, in memory or in a mapped file. A write first copies the vector if another value
/// shares its memory, or if its mapping is read-only.
///
/// A mapped file uses no anonymous memory until it is written, so a coordinator can hold models larger than
/// its memory.
public struct VectorBuffer<Element: Numeric & BitwiseCopyable & Sendable>: Sendable {
  private var storage: Storage

  /// A vector of `count` zeros.
  public init(zeros count: Int) { storage = Storage(zeros: count) }

  public init(_ values: some Collection<Element>) {
    storage = Storage(uninitialised: values.count)
    _ = storage.buffer.initialize(fromContentsOf: values)
  }

  /// Creates a vector whose memory `fill` writes completely.
  public init<E: Error>(
    unsafeUninitializedCount count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws(E) -> Void
  ) throws(E) {
    storage = Storage(uninitialised: count)
    try fill(storage.buffer)
  }

  /// Adopts `count` elements inside a private mapping, which is unmapped when the last copy is released.
  ///
  /// - Parameters:
  ///   - mapping: The whole mapping, as returned by `mmap`; at least readable. The file must not change while
  ///     it is mapped.
  ///   - offset: The position of the first element, in bytes from the start of the mapping; a multiple of the
  ///     element's size.
  ///   - count: The number of elements.
  ///   - source: The owner of the mapped file, kept alive as long as the mapping.
  public init(
    adoptingMapping mapping: UnsafeMutableRawBufferPointer, offset: Int, count: Int,
    source: (any AnyObject & Sendable)? = nil
  ) {
    storage = Storage(mapping: mapping, offset: offset, count: count, source: source)
  }

  public var count: Int { storage.buffer.count }

  /// The source of an adopted mapping; `nil` after the values have been copied out of the mapping.
  public var source: (any AnyObject & Sendable)? { storage.source }

  public func withUnsafeValues<R, E: Error>(_ body: (UnsafeBufferPointer<Element>) throws(E) -> R) throws(E)
    -> R
  {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(storage.buffer))
  }

  public mutating func withUnsafeMutableValues<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    if storage.isReadOnly || !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.buffer)
  }

  /// Whether the two buffers share their memory and are therefore equal.
  public func sharesMemory(with other: Self) -> Bool { storage === other.storage }

  /// The memory behind a `VectorBuffer`. It is written only while uniquely referenced, so it is safe to
  /// share.
  private final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<Element>
    /// The mapping to unmap at the end; `nil` for heap memory.
    private let mapping: UnsafeMutableRawBufferPointer?
    /// The source to which the mapping is returned after use; `nil` if it is simply unmapped.
    private let spool: (any VectorMemory)?
    let isReadOnly: Bool
    let source: (any AnyObject & Sendable)?

    init(zeros count: Int) {
      // For large vectors, calloc and mmap return untouched zero pages, so nothing is written until it is
      // needed.
      (buffer, mapping, spool) = Self.allocate(count) { calloc($0, MemoryLayout<Element>.stride) }
      (isReadOnly, source) = (false, nil)
      if spool != nil { buffer.initialize(repeating: 0) }
    }

    init(uninitialised count: Int) {
      (buffer, mapping, spool) = Self.allocate(count) { malloc($0 * MemoryLayout<Element>.stride) }
      (isReadOnly, source) = (false, nil)
    }

    init(
      mapping: UnsafeMutableRawBufferPointer, offset: Int, count: Int, source: (any AnyObject & Sendable)?
    ) {
      let size = MemoryLayout<Element>.stride
      precondition(offset.isMultiple(of: size) && offset + size * count <= mapping.count)
      let start = count == 0 ? nil : mapping.baseAddress! + offset
      buffer = .init(start: start?.assumingMemoryBound(to: Element.self), count: count)
      (self.mapping, spool, isReadOnly, self.source) = (mapping, nil, true, source)
    }

    convenience init(copying other: Storage) {
      self.init(uninitialised: other.buffer.count)
      // Each thread writes a separate range, so it is safe to share the pointers.
      nonisolated(unsafe) let (target, source) = (buffer, other.buffer)
      forEachRange(of: target.count) { range in
        guard let to = target.baseAddress, let from = source.baseAddress else { return }
        (to + range.lowerBound).initialize(from: from + range.lowerBound, count: range.count)
      }
    }

    /// Allocates large vectors as mappings with huge pages, which cost far less on first access than small
    /// pages.
    private static func allocate(_ count: Int, small: (Int) -> UnsafeMutableRawPointer?)
      -> (UnsafeMutableBufferPointer<Element>, UnsafeMutableRawBufferPointer?, (any VectorMemory)?)
    {
      let size = count * MemoryLayout<Element>.stride
      let isLarge = size >= 8 << 20
      if isLarge, let spool = VectorSpool.current, let mapping = spool.take(size) {
        return (mapping.bindMemory(to: Element.self), mapping, spool)
      }
      let address =
        isLarge
        ? mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : small(max(count, 1))
      guard let address, address != MAP_FAILED else {
        preconditionFailure("out of memory for \(count) numbers")
      }
      #if os(Linux)
        if isLarge { madvise(address, size, MADV_HUGEPAGE) }
      #endif
      let values = UnsafeMutableBufferPointer(
        start: address.bindMemory(to: Element.self, capacity: count), count: count)
      return (values, isLarge ? .init(start: address, count: size) : nil, nil)
    }

    deinit {
      if let spool, let mapping {
        spool.giveBack(mapping)
      } else if let mapping {
        munmap(mapping.baseAddress!, mapping.count)
      } else {
        free(buffer.baseAddress)
      }
    }
  }
}

extension VectorBuffer: Equatable {
  /// Whether the values are equal bit for bit, so that a NaN equals itself.
  public static func == (lhs: Self, rhs: Self) -> Bool {
    guard lhs.count == rhs.count else { return false }
    return lhs.withUnsafeValues { left in
      rhs.withUnsafeValues { right in
        left.count == 0
          || memcmp(left.baseAddress!, right.baseAddress!, MemoryLayout<Element>.stride * left.count) == 0
      }
    }
  }
}

extension VectorBuffer: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Element...) { self.init(elements) }

  /// A copy of the elements.
  public var values: [Element] { withUnsafeValues { Array($0) } }
}
