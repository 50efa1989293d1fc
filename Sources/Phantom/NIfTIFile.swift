import Foundation

/// A three-dimensional volume as a NIfTI-1 file (`n+1`, little-endian).
///
/// The byte offsets come from `nifti1.h`.
struct NIfTIFile {
  /// The type of the stored voxels, with the standard's codes.
  enum DataType: Int16 { case uint8 = 2, int16 = 4 }

  private static let headerSize: Int32 = 348
  private static let dataOffset = 352

  var type: DataType
  var size: SIMD3<Int>
  /// The position of the first voxel in mm (right, anterior, superior).
  var origin: SIMD3<Float>
  /// The distance in mm from one voxel to the next along each axis (right, anterior, superior). It is
  /// negative along x if the image is mirrored; the other axes are never mirrored.
  var step: SIMD3<Float>
  /// The voxels' bytes, x fastest.
  var voxels: Data

  init(_ voxels: [Int16], size: SIMD3<Int>, grid: (origin: SIMD3<Float>, step: SIMD3<Float>)) {
    let bytes = voxels.map { $0.littleEndian }.withUnsafeBytes { Data($0) }
    type = .int16
    self.size = size
    origin = grid.origin
    step = grid.step
    self.voxels = bytes
  }

  init(_ voxels: [UInt8], size: SIMD3<Int>, grid: (origin: SIMD3<Float>, step: SIMD3<Float>)) {
    type = .uint8
    self.size = size
    origin = grid.origin
    step = grid.step
    self.voxels = Data(voxels)
  }

  var data: Data {
    var file = Data(count: Self.dataOffset)
    func put<Number>(_ number: Number, at offset: Int) {
      withUnsafeBytes(of: number) { file.replaceSubrange(offset..<(offset + $0.count), with: $0) }
    }
    func put(_ number: Float, at offset: Int) { put(number.bitPattern.littleEndian, at: offset) }

    put(Self.headerSize.littleEndian, at: 0)
    let dimensions = [3, size.x, size.y, size.z, 1, 1, 1, 1]
    for (i, n) in dimensions.enumerated() { put(Int16(n).littleEndian, at: 40 + 2 * i) }
    put(type.rawValue.littleEndian, at: 70)
    put(Int16(type == .uint8 ? 8 : 16).littleEndian, at: 72)
    // Element 0 of `pixdim` is the handedness of the quaternion, -1 if the columns are mirrored. The pixel
    // sizes follow it.
    let handedness: Float = step.x < 0 ? -1 : 1
    for (i, value) in [handedness, abs(step.x), step.y, step.z, 1, 1, 1, 1].enumerated() {
      put(value, at: 76 + 4 * i)
    }
    put(Float(Self.dataOffset), at: 108)
    put(Float(1), at: 112)  // slope
    put(UInt8(2), at: 123)  // mm
    // State the position in both forms, qform and sform, as the position in the scanner (code 1).
    put(Int16(1).littleEndian, at: 252)
    put(Int16(1).littleEndian, at: 254)
    // A mirrored x axis is a half turn about y with the slice axis reversed: quaternion (b, c, d) = (0, 1,
    // 0).
    put(Float(step.x < 0 ? 1 : 0), at: 260)
    for axis in 0..<3 {
      put(origin[axis], at: 268 + 4 * axis)
      put(step[axis], at: 280 + 20 * axis)
      put(origin[axis], at: 292 + 16 * axis)
    }
    file.replaceSubrange(344..<348, with: Data("n+1\0".utf8))
    return file + voxels
  }
}
