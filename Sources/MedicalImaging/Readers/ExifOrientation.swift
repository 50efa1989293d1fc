/// The rotation or mirroring that turns a photograph upright, as cameras store it (Exif 2.3, tag 0x0112).
///
/// Damaged metadata are ignored, as viewers and browsers do.
enum ExifOrientation: Int, Sendable {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, turnedRight, transversed, turnedLeft

  /// Reads the orientation from a JPEG's first Exif segment. If that segment states none, reads it from the
  /// XMP packet.
  static func jpeg(_ bytes: [UInt8]) -> Self {
    var position = 2
    var (hasExif, fromExif, fromXMP) = (false, Self?.none, Self?.none)
    // A segment consists of a marker, a length that includes its own two bytes, and the content. The picture
    // begins at the marker SOS.
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      // Skip fill bytes before a marker, and markers without content.
      if marker == 0xFF {
        position += 1
        continue
      }
      if marker == 0xDA || marker == 0xD9 { break }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        position += 2
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let content = position + 4
      let end = position + 2 + length
      guard length >= 2, end <= bytes.count else { break }
      if marker == 0xE1, !hasExif, bytes[content..<end].starts(with: Array("Exif\0\0".utf8)) {
        hasExif = true
        fromExif = tiff(Array(bytes[(content + 6)..<end]))
      }
      if marker == 0xE1, bytes[content..<end].starts(with: XMPPacket.jpegMark) {
        fromXMP = fromXMP ?? XMPPacket.orientation(bytes[(content + XMPPacket.jpegMark.count)..<end])
      }
      position = end
    }
    return fromExif ?? fromXMP ?? .upright
  }

  /// Reads the orientation from a PNG's `eXIf` chunk, or from the text chunk in which programs stored it
  /// before `eXIf` became a standard in 2017. If neither states an orientation, reads it from the XMP packet.
  static func png(_ bytes: [UInt8]) -> Self {
    let fields = ByteFields(bytes: bytes, isBigEndian: true)
    var position = 8
    var (fromText, fromXMP) = (Self?.none, Self?.none)
    // A chunk consists of a length, a name, the content and a checksum.
    while position + 12 <= bytes.count {
      let length = Int(fields.integer(UInt32.self, at: position))
      let name = bytes[position + 4..<position + 8]
      guard length <= bytes.count - position - 12, !name.elementsEqual("IEND".utf8) else { break }
      let content = bytes[position + 8..<position + 8 + length]
      if name.elementsEqual("eXIf".utf8), let found = tiff(Array(content)) { return found }
      if let text = PNGText(name: name, content: content) {
        fromText = text.exifProfile.flatMap(tiff) ?? fromText
        fromXMP = text.xmpPacket.flatMap { XMPPacket.orientation($0) } ?? fromXMP
      }
      position += 12 + length
    }
    return fromText ?? fromXMP ?? .upright
  }

  /// Reads the orientation from the first directory of a TIFF block; `nil` if it states none.
  private static func tiff(_ bytes: [UInt8]) -> Self? {
    guard bytes.count >= 8, bytes[0] == bytes[1], [0x49, 0x4D].contains(bytes[0]) else { return nil }
    let fields = ByteFields(bytes: bytes, isBigEndian: bytes[0] == 0x4D)
    let directory = Int(fields.integer(UInt32.self, at: 4))
    guard fields.integer(UInt16.self, at: 2) == 42, directory <= bytes.count - 2 else { return nil }
    for index in 0..<Int(fields.integer(UInt16.self, at: directory)) {
      let entry = directory + 2 + 12 * index
      guard entry + 12 <= bytes.count else { break }
      guard fields.integer(UInt16.self, at: entry) == 0x0112 else { continue }
      let isLong = fields.integer(UInt16.self, at: entry + 2) == 4
      let value =
        isLong
        ? Int(fields.integer(UInt32.self, at: entry + 8)) : Int(fields.integer(UInt16.self, at: entry + 8))
      return Self(rawValue: value)
    }
    return nil
  }
}

extension ExifOrientation {
  /// Whether the rows of the stored picture become columns of the upright picture.
  var swapsAxes: Bool { rawValue >= 5 }

  /// The stored position of the pixel at a row and column of the upright picture.
  ///
  /// - Parameter rows, columns: the extents of the stored picture.
  func stored(row: Int, column: Int, rows: Int, columns: Int) -> (row: Int, column: Int) {
    switch self {
    case .upright: (row, column)
    case .mirrored: (row, columns - 1 - column)
    case .upsideDown: (rows - 1 - row, columns - 1 - column)
    case .flipped: (rows - 1 - row, column)
    case .transposed: (column, row)
    case .turnedRight: (rows - 1 - column, row)
    case .transversed: (rows - 1 - column, columns - 1 - row)
    case .turnedLeft: (column, columns - 1 - row)
    }
  }

  /// The bytes of a picture in upright order.
  ///
  /// - Parameter pixelSize: the bytes per pixel, with all channels.
  func turned(_ bytes: [UInt8], rows: Int, columns: Int, pixelSize: Int) -> [UInt8] {
    let (newRows, newColumns) = swapsAxes ? (columns, rows) : (rows, columns)
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { destination, count in
      var to = 0
      for row in 0..<newRows {
        for column in 0..<newColumns {
          let place = stored(row: row, column: column, rows: rows, columns: columns)
          let from = (place.row * columns + place.column) * pixelSize
          for byte in 0..<pixelSize { destination[to + byte] = bytes[from + byte] }
          to += pixelSize
        }
      }
      count = to
    }
  }
}
