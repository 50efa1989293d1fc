import CImageCodecs

/// JPEG photographs (8 bit, baseline or progressive): [rows, columns] in grey or [rows, columns, channels].
///
/// Photographs are turned upright by the orientation in their Exif or XMP metadata. CMYK pictures are
/// refused.
public struct JPEGReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool { file.bytes.starts(with: [0xFF, 0xD8, 0xFF]) }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    let bytes = file.bytes
    var source = ImageSource(format: "JPEG")
    source.isLossy = true
    return try Raster.read(
      bytes, orientation: .jpeg(bytes), source: source,
      header: { codec_jpeg_header(bytes, bytes.count, &$0, &$1) },
      decode: { codec_jpeg_decode(bytes, bytes.count, $0, $1, &$2) })
  }
}
