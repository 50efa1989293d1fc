import CImageCodecs

/// PNG images of 8 or 16 bits: [rows, columns] in grey or [rows, columns, channels]. Transparency remains a
/// channel.
///
/// Palette indices are replaced by their colours. Grey of 1, 2 or 4 bits is scaled to 0...255. Pictures are
/// turned upright by the orientation in their Exif or XMP metadata. Gamma and colour profiles are ignored.
public struct PNGReader: ImageReader {
  /// Whether a picture with a palette is a label map, whose values are the palette's indices.
  private let readsLabels: Bool

  public init() { self.init(readsLabels: false) }

  init(readsLabels: Bool) { self.readsLabels = readsLabels }

  public func recognises(_ file: FileContent) -> Bool {
    file.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    let bytes = file.bytes
    let isIndexed = readsLabels ? try Self.hasLabelColours(bytes) : false
    return try Raster.read(
      bytes, orientation: .png(bytes), source: ImageSource(format: "PNG"),
      header: { codec_png_header(bytes, bytes.count, isIndexed, &$0, &$1) },
      decode: { codec_png_decode(bytes, bytes.count, isIndexed, $0, $1, &$2) })
  }

  /// Whether the palette indices are label codes. This is assumed if entry 0 is black and some other entry is
  /// coloured.
  ///
  /// If all entries are grey, the picture is an ordinary grey picture, whatever the order of the entries.
  private static func hasLabelColours(_ bytes: [UInt8]) throws(ImageError) -> Bool {
    var (palette, message) = (codec_palette(), codec_message())
    try check(codec_png_palette(bytes, bytes.count, &palette, &message), message)
    let colours = withUnsafeBytes(of: palette.colours) { Array($0.prefix(3 * Int(palette.count))) }
    let isGrey = stride(from: 0, to: colours.count, by: 3).allSatisfy { entry in
      Set(colours[entry..<entry + 3]).count == 1
    }
    return !isGrey && colours.prefix(3).allSatisfy { $0 == 0 }
  }
}
