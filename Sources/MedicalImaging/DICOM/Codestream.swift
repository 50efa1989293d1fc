/// The image that the header of a JPEG, JPEG-LS or JPEG 2000 codestream describes.
///
/// GDCM's codecs trust the data set's rows and columns. Both are therefore compared with the codestream's own
/// size before decoding.
struct Codestream {
  var rows = 0
  var columns = 0
  var components = 0
  /// Bits per sample.
  var precision = 0
  var isSigned = false
  /// The colours that the codestream itself states; `nil` if it states none, or if the image is grey.
  var colour: Colour?

  /// The meaning of the three components that a decoder returns for a colour image.
  enum Colour: Sendable, Hashable {
    /// The image is a JPEG of red, green and blue, according to Adobe's marker or the components' names.
    case rgb
    /// The image is a JPEG of brightness and colour differences, according to Adobe's or JFIF's marker or to
    /// the subsampling of the components.
    case lumaChroma
    /// The image is a JPEG 2000 of red, green and blue. The decoder computes them with the transform that the
    /// codestream names.
    case transformed
    /// The image is a JPEG 2000 whose components are as the encoder received them, without a colour
    /// transform.
    case untransformed
  }

  init(_ bytes: [UInt8], _ compression: TransferSyntax.Compression) throws(ImageError) {
    try compression == .jpeg2000 ? readJPEG2000(bytes) : readJPEG(bytes)
  }

  /// Reads the SIZ marker, which follows the start of the codestream (ISO 15444-1, A.5.1). The codestream may
  /// be inside a JP2 file.
  private mutating func readJPEG2000(_ bytes: [UInt8]) throws(ImageError) {
    let marker: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51]
    guard let start = bytes.firstRange(of: marker)?.lowerBound, start + 45 <= bytes.count else {
      throw ImageError(.malformed, "a compressed frame is not a JPEG 2000 codestream")
    }
    let fields = ByteFields(bytes: bytes, isBigEndian: true)
    let size = (0..<4).map { Int(fields.integer(UInt32.self, at: start + 8 + $0 * 4)) }
    (columns, rows) = (size[0] - size[2], size[1] - size[3])
    components = Int(fields.integer(UInt16.self, at: start + 40))
    precision = Int(bytes[start + 42] & 0x7F) + 1
    isSigned = bytes[start + 42] & 0x80 != 0
    if components == 3 {
      colour = Self.hasComponentTransform(fields, from: start + 2) ? .transformed : .untransformed
    }
  }

  /// Whether the components were transformed, according to the COD marker of the main header (ISO 15444-1,
  /// A.6.1).
  private static func hasComponentTransform(_ fields: ByteFields, from start: Int) -> Bool {
    var at = start
    while at + 9 <= fields.bytes.count, fields.bytes[at] == 0xFF, fields.bytes[at + 1] != 0x90 {
      if fields.bytes[at + 1] == 0x52 { return fields.bytes[at + 8] == 1 }
      at += 2 + Int(fields.integer(UInt16.self, at: at + 2))
    }
    return false
  }

  /// Reads the markers up to the start of the scan. Each marker states its length (ISO 10918-1, B.2 and ISO
  /// 14495-1, annex C).
  private mutating func readJPEG(_ bytes: [UInt8]) throws(ImageError) {
    guard bytes.starts(with: [0xFF, 0xD8]) else {
      throw ImageError(.malformed, "a compressed frame is not a JPEG image")
    }
    let fields = ByteFields(bytes: bytes, isBigEndian: true)
    var frameMarker: UInt8?
    var at = 2
    while at + 4 <= bytes.count {
      guard bytes[at] == 0xFF else { break }
      let marker = bytes[at + 1]
      if marker == 0xFF {
        at += 1
        continue
      }
      let length = Int(fields.integer(UInt16.self, at: at + 2))
      guard length >= 2, at + 2 + length <= bytes.count else { break }
      readColour(marker, bytes[(at + 4)..<(at + 2 + length)])
      if Self.isFrame(marker), length >= 8 {
        frameMarker = marker
        precision = Int(bytes[at + 4])
        rows = Int(fields.integer(UInt16.self, at: at + 5))
        columns = Int(fields.integer(UInt16.self, at: at + 7))
        components = Int(bytes[at + 9])
      } else if marker == 0xDA, let frameMarker {
        return try Self.checkScan(bytes[(at + 4)..<(at + 2 + length)], frameMarker)
      }
      at += 2 + length
    }
    throw ImageError(.malformed, "a compressed frame is a damaged JPEG image: it has no complete header")
  }

  /// Reads the colours from the application markers and the frame's components (ISO 10918-1, B.2.2; ISO
  /// 10918-5; Adobe's technical note 5116).
  private mutating func readColour(_ marker: UInt8, _ content: ArraySlice<UInt8>) {
    let start = content.startIndex
    if marker == 0xEE, content.count >= 12, content.starts(with: Array("Adobe".utf8)) {
      colour = content[start + 11] == 0 ? .rgb : .lumaChroma
    } else if marker == 0xE0, content.starts(with: Array("JFIF".utf8)), colour == nil {
      colour = .lumaChroma
    } else if Self.isFrame(marker), content.count >= 6 {
      guard content[start + 5] == 3, content.count >= 15 else {
        colour = nil
        return
      }
      let names = [0, 3, 6].map { content[start + 6 + $0] }
      let sampling = Set([0, 3, 6].map { content[start + 7 + $0] })
      if sampling.count > 1 {
        colour = .lumaChroma
      } else if names == Array("RGB".utf8) {
        colour = .rgb
      } else if marker == 0xC3, colour == .lumaChroma {
        // Ignore the JFIF marker here: lossless encoders write it whatever the colours are.
        colour = nil
      }
    }
  }

  private static func isFrame(_ marker: UInt8) -> Bool {
    marker == 0xF7 || (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
  }

  /// Throws unless a sequential scan holds all 64 coefficients (ISO 10918-1, table B.3). A scan with fewer
  /// shows that the header is damaged.
  private static func checkScan(_ scan: ArraySlice<UInt8>, _ frameMarker: UInt8) throws(ImageError) {
    guard frameMarker == 0xC0 || frameMarker == 0xC1, let first = scan.first else { return }
    let selection = scan.dropFirst(1 + 2 * Int(first)).prefix(2)
    guard selection.elementsEqual([0, 63]) else {
      throw ImageError(
        .malformed,
        "a compressed frame's JPEG scan selects coefficients \(selection.map(String.init).joined(separator: " to ")), "
          + "expected 0 to 63")
    }
  }
}
