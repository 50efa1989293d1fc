/// A text chunk of a PNG file (PNG, 11.3.3): a keyword and a text.
struct PNGText {
  private let keyword: String
  private let text: [UInt8]

  /// The maximum length in bytes of a decompressed text. An Exif block of at most 64 KiB, written with two
  /// digits per byte, is shorter.
  private static let greatestLength = 1 << 18

  /// Reads a chunk; `nil` if it has a different type or is damaged.
  ///
  /// - Parameter name: the four letters of the chunk's type.
  init?(name: ArraySlice<UInt8>, content: ArraySlice<UInt8>) {
    guard let end = content.firstIndex(of: 0) else { return nil }
    keyword = String(decoding: content[..<end], as: UTF8.self)
    let rest = content[(end + 1)...]
    switch String(decoding: name, as: UTF8.self) {
    case "tEXt": text = Array(rest)
    case "zTXt": text = Self.inflated(rest.dropFirst())
    case "iTXt":
      // Skip the compression method, the language and the translated keyword.
      let parts = rest.dropFirst(2).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let isCompressed = rest.first else { return nil }
      text = isCompressed == 1 ? Self.inflated(parts[2]) : Array(parts[2])
    default: return nil
    }
  }

  private static func inflated(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    Inflater.prefix(of: Array(bytes), length: greatestLength)
  }

  /// The XMP packet; `nil` if the text is something else.
  var xmpPacket: [UInt8]? { keyword == XMPPacket.pngKeyword ? text : nil }

  /// The TIFF block from an Exif profile; `nil` if the text is not such a profile. ImageMagick and other
  /// programs write the profile as lines: its name, its length, then its bytes as hexadecimal digits.
  var exifProfile: [UInt8]? {
    guard ["raw profile type exif", "raw profile type app1"].contains(keyword.lowercased()) else {
      return nil
    }
    let lines = text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
    let digits = lines.dropFirst(2).joined().compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard lines.count > 2, digits.count >= 2 else { return nil }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    let mark = Array("Exif\0\0".utf8)
    return bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
  }
}
