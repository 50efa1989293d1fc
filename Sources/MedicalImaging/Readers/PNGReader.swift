import CImageCodecs

/// PNG images, 8 or 16 bit: [rows, columns] in grey or [rows, columns, channels], alpha kept.
///
/// Palettes become their colours; grey of 1, 2 or 4 bits is spread over 0...255.
public struct PNGReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool {
    file.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    try Raster.read(
      file.bytes, header: codec_png_header, decode: codec_png_decode, source: ImageSource(format: "PNG"))
  }
}
