/// Reads numbers at fixed offsets of a binary header, in either byte order.
struct ByteFields {
  let bytes: [UInt8]
  let isBigEndian: Bool

  /// - Precondition: the integer lies inside the bytes.
  func integer<Number: FixedWidthInteger>(_: Number.Type, at offset: Int) -> Number {
    let raw = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    return isBigEndian ? Number(bigEndian: raw) : Number(littleEndian: raw)
  }

  func float(at offset: Int) -> Double { Double(Float(bitPattern: integer(UInt32.self, at: offset))) }
  func double(at offset: Int) -> Double { Double(bitPattern: integer(UInt64.self, at: offset)) }
}
