import CImageCodecs

/// The part of reading that PNG and JPEG share. It reads the picture's size from the header and then decodes
/// the picture into a buffer of this size.
enum Raster {
  typealias Header = (inout codec_raster, inout codec_message) -> codec_status
  typealias Decode = (UnsafeMutablePointer<UInt8>?, Int, inout codec_message) -> codec_status

  /// - Parameters:
  ///   - header: returns the size of the picture.
  ///   - decode: writes exactly the bytes of a picture of that size.
  static func read(
    _ bytes: [UInt8], orientation: ExifOrientation, source: ImageSource, header: Header, decode: Decode
  ) throws(ImageError) -> Volume {
    var (raster, message) = (codec_raster(), codec_message())
    try check(header(&raster, &message), message)
    let (rows, columns, channels) = (Int(raster.height), Int(raster.width), Int(raster.channels))
    let type: ElementType = raster.bits == 16 ? .uint16 : .uint8
    let size = rows * columns * channels * type.size
    try DeclaredSize.check(size, compressed: bytes.count)
    var status = CODEC_OK
    let decoded = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      status = decode(buffer.baseAddress, size, &message)
      count = status == CODEC_OK ? size : 0
    }
    try check(status, message)
    var (pixels, extents, source) = (decoded, [rows, columns], source)
    if orientation != .upright {
      pixels = orientation.turned(decoded, rows: rows, columns: columns, pixelSize: channels * type.size)
      if orientation.swapsAxes { extents.reverse() }
      source.encoding = "turned upright from EXIF orientation \(orientation.rawValue)"
    }
    return Volume(
      voxels: Voxels(type: type, bytes: pixels), shape: extents + (channels > 1 ? [channels] : []),
      axes: [.row, .column] + (channels > 1 ? [.channel] : []), source: source)
  }
}

/// Checks that a file is large enough to hold the image that its header declares.
enum DeclaredSize {
  /// The largest ratio that a supported compression can reach. Deflate reaches 1:1032, and a PNG with 1 bit
  /// per pixel is decoded to 8 bits per pixel.
  private static let greatestRatio = 8 * 1032

  /// - Throws: `ImageError.Code.malformed` if `compressed` bytes cannot expand to `size` bytes.
  static func check(_ size: Int, compressed: Int) throws(ImageError) {
    guard size <= (compressed + 1024).multipliedReportingOverflow(by: greatestRatio).partialValue else {
      throw ImageError(
        .malformed, "declares \(size) bytes of pixels, more than its \(compressed) bytes can hold")
    }
  }

  /// The number of bytes of an image with these extents.
  ///
  /// - Throws: `ImageError.Code.malformed` if an extent is not positive, or if the number of bytes does not
  ///   fit an `Int`.
  static func bytes(_ extents: [Int], elementSize: Int) throws(ImageError) -> Int {
    var size = elementSize
    for extent in extents {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow else {
        throw ImageError(
          .malformed, "declares the impossible shape \(extents.map(String.init).joined(separator: "×"))")
      }
      size = product
    }
    return size
  }
}
