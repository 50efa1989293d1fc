/// A tensor of a message.
public enum StageTensor: Sendable, Equatable {
  /// Vectors in the shape of a model, in single precision. The vectors stay in one mapped file all the way
  /// from sender to receiver.
  case parameters(NamedParts)
  case f32([Float])
  /// Brain floating point, as bit patterns: the upper half of a single-precision number.
  case bf16([UInt16])
  case u32([UInt32])
  case u64([UInt64])

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
    case .f32(let values): values.allSatisfy(\.isFinite)
    // In an infinity and in every NaN, all bits of the exponent are set.
    case .bf16(let values): values.allSatisfy { $0 & 0x7f80 != 0x7f80 }
    case .u32, .u64: true
    }
  }
}

extension StageTensor {
  /// The elements as consecutive little-endian bytes. Empty for parameters, which are sent as files.
  public var littleEndianBytes: [UInt8] {
    func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) }
    }
    return switch self {
    case .parameters: []
    case .f32(let values): bytes(values.map(\.bitPattern))
    case .bf16(let values): bytes(values)
    case .u32(let values): bytes(values)
    case .u64(let values): bytes(values)
    }
  }

  /// Reads elements from their little-endian bytes.
  ///
  /// - Returns: `nil` if `bytes` does not contain exactly `count` elements.
  public init?(_ type: ElementType, count: Int, littleEndian bytes: some Collection<UInt8>) {
    let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
    guard count >= 0, !overflow, bytes.count == size else { return nil }
    let bytes = Array(bytes)
    func values<Value: FixedWidthInteger>(_: Value.Type) -> [Value] {
      bytes.withUnsafeBytes { raw in
        (0..<count).map {
          Value(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * type.size, as: Value.self))
        }
      }
    }
    switch type {
    case .f32: self = .f32(values(UInt32.self).map(Float.init(bitPattern:)))
    case .bf16: self = .bf16(values(UInt16.self))
    case .u32: self = .u32(values(UInt32.self))
    case .u64: self = .u64(values(UInt64.self))
    }
  }
}
