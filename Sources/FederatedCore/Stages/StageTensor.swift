/// A tensor of a message. Large tensors are files, which both ends map into memory.
public enum StageTensor: Sendable, Equatable {
  /// Vectors in the shape of a model, in single precision. They are sent as a file, which both ends map into
  /// memory.
  case parameters(NamedParts)
  case f32(VectorBuffer<Float>)
  /// Numbers in bfloat16, as bit patterns: each is the upper half of a single-precision number.
  case bf16(VectorBuffer<UInt16>)
  case u32(VectorBuffer<UInt32>)
  case u64(VectorBuffer<UInt64>)

  /// The type of the elements, named as in safetensors files.
  public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case f32 = "F32"
    case bf16 = "BF16"
    case u32 = "U32"
    case u64 = "U64"

    /// The number of bytes of one element.
    public var size: Int {
      switch self {
      case .bf16: 2
      case .f32, .u32: 4
      case .u64: 8
      }
    }
  }

  public var elementType: ElementType {
    switch self {
    case .parameters, .f32: .f32
    case .bf16: .bf16
    case .u32: .u32
    case .u64: .u64
    }
  }

  /// Whether the tensor has the shape of a model.
  public var isParameters: Bool { if case .parameters = self { true } else { false } }

  /// The number of elements.
  public var count: Int {
    switch self {
    case .parameters(let parts): parts.parts.reduce(0) { $0 + $1.count }
    case .f32(let values): values.count
    case .bf16(let values): values.count
    case .u32(let values): values.count
    case .u64(let values): values.count
    }
  }

  /// Whether all elements are finite. Integers always are.
  public var isFinite: Bool {
    switch self {
    case .parameters(let parts): parts.parts.allSatisfy(\.isFinite)
    case .f32(let values): values.withUnsafeValues { $0.allSatisfy(\.isFinite) }
    // In an infinity and in every NaN, all bits of the exponent are set.
    case .bf16(let values): values.withUnsafeValues { $0.allSatisfy { $0 & 0x7f80 != 0x7f80 } }
    case .u32, .u64: true
    }
  }
}

extension StageTensor {
  /// The elements as consecutive little-endian bytes. Empty for parameters, which are sent as files.
  public var littleEndianBytes: [UInt8] { withLittleEndianBytes { Array($0) } }

  /// Passes the elements to `body` as consecutive little-endian bytes, without a copy. Passes no bytes for
  /// parameters, which are sent as files.
  public func withLittleEndianBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    switch self {
    case .parameters: try body(UnsafeRawBufferPointer(start: nil, count: 0))
    case .f32(let values): try values.withBytes(body)
    case .bf16(let values): try values.withBytes(body)
    case .u32(let values): try values.withBytes(body)
    case .u64(let values): try values.withBytes(body)
    }
  }

  /// Reads elements from their little-endian bytes.
  ///
  /// - Returns: `nil` if `bytes` does not contain exactly `count` elements.
  public init?(_ type: ElementType, count: Int, littleEndian bytes: some Collection<UInt8>) {
    let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
    guard count >= 0, !overflow, bytes.count == size else { return nil }
    switch type {
    case .f32: self = .f32(VectorBuffer(bytes: bytes, count: count))
    case .bf16: self = .bf16(VectorBuffer(bytes: bytes, count: count))
    case .u32: self = .u32(VectorBuffer(bytes: bytes, count: count))
    case .u64: self = .u64(VectorBuffer(bytes: bytes, count: count))
    }
  }

  /// Adopts elements inside a private mapping; see
  /// ``VectorBuffer/init(adoptingMapping:offset:count:source:)``.
  public init(
    _ type: ElementType, adoptingMapping mapping: UnsafeMutableRawBufferPointer, offset: Int, count: Int,
    source: (any AnyObject & Sendable)?
  ) {
    func vector<Element: Numeric & BitwiseCopyable & Sendable>() -> VectorBuffer<Element> {
      VectorBuffer(adoptingMapping: mapping, offset: offset, count: count, source: source)
    }
    switch type {
    case .f32: self = .f32(vector())
    case .bf16: self = .bf16(vector())
    case .u32: self = .u32(vector())
    case .u64: self = .u64(vector())
    }
  }
}

// In memory, elements have the same bytes as in files and messages: every supported platform is
// little-endian.
extension VectorBuffer {
  fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeValues { try body(UnsafeRawBufferPointer($0)) }
  }

  /// - Precondition: `bytes` holds exactly `count` elements.
  fileprivate init(bytes: some Collection<UInt8>, count: Int) {
    self.init(unsafeUninitializedCount: count) { values in
      UnsafeMutableRawBufferPointer(values).copyBytes(from: bytes)
    }
  }
}
