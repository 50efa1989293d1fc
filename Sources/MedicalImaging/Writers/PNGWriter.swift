import CImageCodecs

/// Writes 8-bit PNG images, grey or RGB, such as the panels of a report.
public enum PNGWriter {
  /// The bytes of a PNG file.
  ///
  /// - Parameter pixels: rows × columns × channels values.
  /// - Throws: `ImageError` if there is not enough memory to compress.
  /// - Precondition: one channel (grey) or three (RGB), positive extents.
  public static func encode(
    _ pixels: [UInt8], rows: Int, columns: Int, channels: Int = 3
  ) throws(ImageError) -> [UInt8] {
    precondition(channels == 1 || channels == 3, "a PNG is grey or RGB here")
    precondition(
      rows > 0 && columns > 0 && pixels.count == rows * columns * channels, "pixels and extents disagree")
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // The header states width, height, 8 bits, grey (0) or RGB (2), deflate, adaptive filters and no
    // interlacing.
    let header = word(columns) + word(rows) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
    append(chunk: "IHDR", header, to: &file)
    append(
      chunk: "IDAT", try deflate(filtered(pixels, stride: columns * channels, channels: channels)), to: &file)
    append(chunk: "IEND", [], to: &file)
    return file
  }

  /// The rows of the picture, in which each pixel is replaced by its difference from the pixel to the left
  /// (PNG's filter 1). Such differences compress well.
  private static func filtered(_ pixels: [UInt8], stride: Int, channels: Int) -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(pixels.count + pixels.count / stride)
    for start in Swift.stride(from: 0, to: pixels.count, by: stride) {
      rows.append(1)
      for index in start..<start + stride {
        rows.append(index - start < channels ? pixels[index] : pixels[index] &- pixels[index - channels])
      }
    }
    return rows
  }

  private static func append(chunk name: String, _ content: [UInt8], to file: inout [UInt8]) {
    let body = Array(name.utf8) + content
    file += word(content.count) + body + word(Int(codec_crc32(body, body.count)))
  }

  private static func word(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  private static func deflate(_ bytes: [UInt8]) throws(ImageError) -> [UInt8] {
    let capacity = codec_deflate_bound(bytes.count)
    var (status, message) = (CODEC_OK, codec_message())
    let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      status = codec_deflate(bytes, bytes.count, buffer.baseAddress, capacity, &count, &message)
    }
    try check(status, message)
    return compressed
  }
}
