@testable import MedicalImaging

/// A NIfTI-1 file of 4 × 3 × 2 16-bit voxels, field by field: both forms state 1 × 2 × 3 mm at (10, 20, 30).
struct NiftiBuilder {
  private(set) var bytes = [UInt8](repeating: 0, count: 352 + 48)

  init() {
    put(Int32(348), at: 0)
    for (index, extent) in [3, 4, 3, 2, 1, 1, 1, 1].enumerated() { put(Int16(extent), at: 40 + 2 * index) }
    put(Int16(4), at: 70)
    put(Int16(16), at: 72)
    for (index, size) in [1, 1, 2, 3].enumerated() { put(Float(size), at: 76 + 4 * index) }
    put(Float(352), at: 108)
    put(Float(1), at: 112)
    bytes[123] = 2  // millimetres
    put(Int16(1), at: 252)
    put(Int16(1), at: 254)
    for (index, offset) in [10, 20, 30].enumerated() { put(Float(offset), at: 268 + 4 * index) }
    for (index, row) in [[1, 0, 0, 10], [0, 2, 0, 20], [0, 0, 3, 30]].enumerated() {
      for (column, value) in row.enumerated() { put(Float(value), at: 280 + 16 * index + 4 * column) }
    }
    bytes.replaceSubrange(344..<348, with: Array("n+1\0".utf8))
    for voxel in 0..<24 { put(Int16(voxel), at: 352 + 2 * voxel) }
  }

  mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
    let raw = withUnsafeBytes(of: number.littleEndian) { Array($0) }
    bytes.replaceSubrange(offset..<offset + raw.count, with: raw)
  }

  mutating func put(_ number: Float, at offset: Int) { put(number.bitPattern, at: offset) }

  /// Sets the 12 numbers of the sform.
  mutating func fillForm(_ value: Float) {
    for index in 0..<12 { put(value, at: 280 + 4 * index) }
  }

  /// The codes of qform and sform.
  mutating func codes(qform: Int16, sform: Int16) {
    put(qform, at: 252)
    put(sform, at: 254)
  }

  func volume() throws -> Volume { try Fixtures.read(bytes, as: "built.nii") }
}
