import CImageCodecs

/// JPEG photographs (8 bit, baseline or progressive): [rows, columns] in grey or [rows, columns, channels].
public struct JPEGReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool { file.bytes.starts(with: [0xFF, 0xD8, 0xFF]) }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    var source = ImageSource(format: "JPEG")
    source.isLossy = true
    return try Raster.read(file.bytes, header: codec_jpeg_header, decode: codec_jpeg_decode, source: source)
  }
}
