import Foundation
import MedicalImaging

/// Small image files, written byte by byte according to their standards.
enum ImageFiles {
  /// A NIfTI-1 file of 32-bit floats whose axes run to the left, the back and the head.
  ///
  /// - Parameters:
  ///   - voxels: the values, x fastest.
  ///   - size: the size along x, y and, for a volume, z.
  ///   - spacing: the spacing in millimetres, along x, y, z.
  static func nifti(_ voxels: [Float], size: [Int], spacing: [Float] = [1, 1, 1]) -> Data {
    var file = [UInt8](repeating: 0, count: 352)
    func put(_ bytes: [UInt8], at offset: Int) {
      file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
    put(bytes(Int32(348)), at: 0)
    for (index, extent) in ([size.count] + size).enumerated() {
      put(bytes(Int16(extent)), at: 40 + 2 * index)
    }
    put(bytes(Int16(16)), at: 70)  // 32-bit floats
    put(bytes(Int16(32)), at: 72)
    for axis in 0..<3 {
      put(bytes(spacing[axis].bitPattern), at: 80 + 4 * axis)
      // The affine's x and y run to the right and the front.
      let step = axis < 2 ? -spacing[axis] : spacing[axis]
      put(bytes(step.bitPattern), at: 280 + 20 * axis)
    }
    put(bytes(Float(352).bitPattern), at: 108)
    put(bytes(Float(1).bitPattern), at: 112)  // slope
    put(bytes(Int16(1)), at: 254)  // scanner coordinates
    put(Array("n+1\0".utf8), at: 344)
    for voxel in voxels { file += bytes(voxel.bitPattern) }
    return Data(file)
  }

  /// An 8-bit PNG of one value, square.
  static func png(_ value: UInt8, side: Int, channels: Int = 1) throws -> Data {
    let pixels = [UInt8](repeating: value, count: side * side * channels)
    return Data(try PNGWriter.encode(pixels, rows: side, columns: side, channels: channels))
  }

  /// A gzip file (RFC 1952) that holds the content in one stored block.
  static func gzip(_ content: Data) -> Data {
    let content = [UInt8](content)
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
    file += bytes(UInt16(content.count))
    file += bytes(~UInt16(content.count))
    file += content
    file += bytes(crc32(content))
    file += bytes(UInt32(content.count))
    return Data(file)
  }

  /// An npz file of arrays of 32-bit floats, stored uncompressed in a ZIP archive (APPNOTE 6.3).
  static func npz(_ arrays: [(name: String, shape: [Int], values: [Float])]) -> Data {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for array in arrays {
      let name = Array("\(array.name).npy".utf8)
      let content = npy(array.shape, array.values)
      // Version, flags, method, time, date; checksum, sizes; lengths of the name and of the extra field.
      var description: [UInt8] = [20, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      description += bytes(crc32(content))
      description += bytes(UInt32(content.count))
      description += bytes(UInt32(content.count))
      description += bytes(UInt16(name.count))
      description += [0, 0]
      directory += [0x50, 0x4B, 1, 2, 20, 0]
      directory += description
      directory += [UInt8](repeating: 0, count: 10)
      directory += bytes(UInt32(file.count))
      directory += name
      file += [0x50, 0x4B, 3, 4]
      file += description
      file += name
      file += content
    }
    var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
    end += bytes(UInt16(arrays.count))
    end += bytes(UInt16(arrays.count))
    end += bytes(UInt32(directory.count))
    end += bytes(UInt32(file.count))
    end += [0, 0]
    return Data(file + directory + end)
  }

  private static func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }\n"
    var file: [UInt8] = [0x93]
    file += Array("NUMPY".utf8)
    file += [1, 0]
    file += bytes(UInt16(header.utf8.count))
    file += Array(header.utf8)
    for value in values { file += bytes(value.bitPattern) }
    return file
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func crc32(_ content: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in content {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
