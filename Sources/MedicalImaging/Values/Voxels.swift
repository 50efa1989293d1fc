import Crypto

/// Voxel values as stored in a file, without slope and intercept: one element type, little-endian bytes.
public struct Voxels: Sendable, Hashable {
  public let type: ElementType
  /// The values one after another, each little-endian.
  public private(set) var bytes: [UInt8]

  /// - Precondition: the bytes hold a whole number of elements.
  public init(type: ElementType, bytes: [UInt8]) {
    precondition(bytes.count % type.size == 0, "\(bytes.count) bytes are not a whole number of \(type)")
    self.type = type
    self.bytes = bytes
  }

  init(floats: [Float]) {
    self.init(type: .float32, bytes: floats.withUnsafeBytes(Array.init))
  }

  /// The number of values.
  public var count: Int { bytes.count / type.size }

  /// SHA-256 of the stored bytes, as 64 hexadecimal digits.
  public var sha256: String {
    var digits = ""
    for byte in SHA256.hash(data: bytes) {
      if byte < 16 { digits += "0" }
      digits += String(byte, radix: 16)
    }
    return digits
  }

  /// The values as `Float`, each multiplied by `slope` and increased by `intercept`.
  ///
  /// The arithmetic is in `Float` if `Float` represents the stored type exactly, otherwise in `Double`.
  public func floats(slope: Double = 1, intercept: Double = 0) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { destination, initialised in
      visit(FloatConversion(destination: destination, slope: slope, intercept: intercept))
      initialised = count
    }
  }

  /// The least and the greatest finite stored value; `nil` if there is none.
  public var range: ClosedRange<Double>? { visit(RangeSearch()) }

  /// The elements at `start ..< start + length`.
  public func slice(start: Int, length: Int) -> Voxels {
    Voxels(type: type, bytes: Array(bytes[start * type.size..<(start + length) * type.size]))
  }

  /// The values with their lowest `bits` bits inverted: 2ⁿ − 1 − value for `n` unsigned bits, −1 − value for
  /// a signed integer.
  func complement(bits: Int) -> Voxels {
    let size = type.size
    let masks = (0..<size).map { byte in UInt8(truncatingIfNeeded: (1 << min(max(bits - 8 * byte, 0), 8)) - 1)
    }
    var turned = self
    turned.bytes.withUnsafeMutableBufferPointer { bytes in
      for index in bytes.indices { bytes[index] ^= masks[index % size] }
    }
    return turned
  }

  /// Swaps the bytes of each element in place, which makes big-endian values little-endian.
  mutating func swapBytes() {
    let size = type.size
    bytes.withUnsafeMutableBytes { raw in
      switch size {
      case 2: swapWords(UInt16.self, raw)
      case 4: swapWords(UInt32.self, raw)
      case 8: swapWords(UInt64.self, raw)
      default: break
      }
    }
  }

  /// Calls the visitor with the values as a buffer of their stored type.
  private func visit<Visitor: ElementVisitor>(_ visitor: Visitor) -> Visitor.Result {
    bytes.withUnsafeBytes { raw in
      switch type {
      case .uint8: visitor.visit(raw.assumingMemoryBound(to: UInt8.self))
      case .int8: visitor.visit(raw.assumingMemoryBound(to: Int8.self))
      case .uint16: visitor.visit(raw.assumingMemoryBound(to: UInt16.self))
      case .int16: visitor.visit(raw.assumingMemoryBound(to: Int16.self))
      case .uint32: visitor.visit(raw.assumingMemoryBound(to: UInt32.self))
      case .int32: visitor.visit(raw.assumingMemoryBound(to: Int32.self))
      case .uint64: visitor.visit(raw.assumingMemoryBound(to: UInt64.self))
      case .int64: visitor.visit(raw.assumingMemoryBound(to: Int64.self))
      case .float32: visitor.visit(raw.assumingMemoryBound(to: Float.self))
      case .float64: visitor.visit(raw.assumingMemoryBound(to: Double.self))
      }
    }
  }
}

private func swapWords<Word: FixedWidthInteger>(_: Word.Type, _ raw: UnsafeMutableRawBufferPointer) {
  for offset in stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size) {
    let word = raw.loadUnaligned(fromByteOffset: offset, as: Word.self)
    raw.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: Word.self)
  }
}
