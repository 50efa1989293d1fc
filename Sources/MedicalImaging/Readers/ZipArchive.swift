import CImageCodecs

/// A ZIP archive of stored and deflated members, including ZIP64 sizes.
///
/// PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16 and 4.5.3.
struct ZipArchive: Sendable {
  struct Entry: Sendable {
    let name: String
    fileprivate let method: Int
    fileprivate let crc: UInt32
    fileprivate let compressedSize: Int
    fileprivate let size: Int
    fileprivate let headerOffset: Int
  }

  let entries: [Entry]
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(ImageError) {
    self.bytes = bytes
    entries = try Self.directory(ByteFields(bytes: bytes, isBigEndian: false))
  }

  /// The member's content. Its checksum is verified.
  func content(of entry: Entry) throws(ImageError) -> [UInt8] {
    let fields = ByteFields(bytes: bytes, isBigEndian: false)
    let header = entry.headerOffset
    guard header >= 0, header <= bytes.count - 30, fields.integer(UInt32.self, at: header) == 0x0403_4B50
    else {
      throw ImageError(.malformed, "the ZIP directory points outside the file")
    }
    let start =
      header + 30 + Int(fields.integer(UInt16.self, at: header + 26))
      + Int(fields.integer(UInt16.self, at: header + 28))
    guard entry.compressedSize <= bytes.count - start else {
      throw .short(
        "the ZIP member's data", expected: entry.compressedSize, found: max(0, bytes.count - start))
    }
    let content = try unpack(entry, from: start)
    guard content.withUnsafeBufferPointer({ codec_crc32($0.baseAddress, $0.count) }) == entry.crc else {
      throw ImageError(.malformed, "its content does not match its checksum")
    }
    return content
  }

  private func unpack(_ entry: Entry, from start: Int) throws(ImageError) -> [UInt8] {
    switch entry.method {
    case 0: return Array(bytes[start..<start + entry.compressedSize])
    case 8:
      try DeclaredSize.check(entry.size, compressed: entry.compressedSize)
      return try withBytes(bytes) { all throws(ImageError) in
        let source = UnsafeBufferPointer(rebasing: all[start..<start + entry.compressedSize])
        return try Inflater(source, rawDeflate: true).exactly(entry.size, "the ZIP member's data")
      }
    default:
      throw ImageError(
        .unsupported, "is compressed by ZIP method \(entry.method); only stored and deflated are supported")
    }
  }

  private static func directory(_ fields: ByteFields) throws(ImageError) -> [Entry] {
    guard let end = endRecord(fields) else {
      throw ImageError(
        .malformed, "is not a whole ZIP archive: the directory at its end is missing (file cut short?)")
    }
    var count = Int(fields.integer(UInt16.self, at: end + 10))
    var at = Int(fields.integer(UInt32.self, at: end + 16))
    if at == 0xFFFF_FFFF || count == 0xFFFF, let wide = wideEndRecord(fields, before: end) {
      count = Int(truncatingIfNeeded: fields.integer(UInt64.self, at: wide + 32))
      at = Int(truncatingIfNeeded: fields.integer(UInt64.self, at: wide + 48))
    }
    var entries: [Entry] = []
    while entries.count < count {
      guard at >= 0, at <= fields.bytes.count - 46, fields.integer(UInt32.self, at: at) == 0x0201_4B50 else {
        throw ImageError(.malformed, "its ZIP directory is damaged at entry \(entries.count + 1) of \(count)")
      }
      let (entry, next) = try self.entry(fields, at: at)
      entries.append(entry)
      at = next
    }
    return entries
  }

  private static func entry(_ fields: ByteFields, at: Int) throws(ImageError) -> (Entry, next: Int) {
    let lengths = [28, 30, 32].map { Int(fields.integer(UInt16.self, at: at + $0)) }
    let nameEnd = at + 46 + lengths[0]
    let extraEnd = nameEnd + lengths[1]
    guard extraEnd + lengths[2] <= fields.bytes.count else {
      throw ImageError(.malformed, "its ZIP directory ends early")
    }
    // If all bits of a size or of the offset are 1, its true value is in the ZIP64 extra field. The field
    // holds only these values, in a fixed order.
    var wide = wideNumbers(fields, from: nameEnd, to: extraEnd)
    func resolve(_ offset: Int) -> Int {
      let narrow = fields.integer(UInt32.self, at: offset)
      return narrow == .max && !wide.isEmpty ? wide.removeFirst() : Int(narrow)
    }
    let size = resolve(at + 24)
    let compressed = resolve(at + 20)
    let offset = resolve(at + 42)
    guard size >= 0, compressed >= 0 else {
      throw ImageError(.malformed, "its ZIP directory states impossible sizes")
    }
    let entry = Entry(
      name: String(decoding: fields.bytes[(at + 46)..<nameEnd], as: UTF8.self),
      method: Int(fields.integer(UInt16.self, at: at + 10)), crc: fields.integer(UInt32.self, at: at + 16),
      compressedSize: compressed, size: size, headerOffset: offset)
    return (entry, extraEnd + lengths[2])
  }

  private static func wideNumbers(_ fields: ByteFields, from start: Int, to end: Int) -> [Int] {
    var at = start
    while at + 4 <= end {
      let length = Int(fields.integer(UInt16.self, at: at + 2))
      guard at + 4 + length <= end else { return [] }
      if fields.integer(UInt16.self, at: at) == 1 {
        return (0..<length / 8).map {
          Int(truncatingIfNeeded: fields.integer(UInt64.self, at: at + 4 + $0 * 8))
        }
      }
      at += 4 + length
    }
    return []
  }

  /// The position of the end record, which is within the last 22 + 65,535 bytes.
  private static func endRecord(_ fields: ByteFields) -> Int? {
    let last = fields.bytes.count - 22
    guard last >= 0 else { return nil }
    return (max(0, last - 65_535)...last).reversed().first {
      fields.integer(UInt32.self, at: $0) == 0x0605_4B50
    }
  }

  private static func wideEndRecord(_ fields: ByteFields, before end: Int) -> Int? {
    guard end >= 20, fields.integer(UInt32.self, at: end - 20) == 0x0706_4B50 else { return nil }
    let at = Int(truncatingIfNeeded: fields.integer(UInt64.self, at: end - 20 + 8))
    guard at >= 0, at <= fields.bytes.count - 56, fields.integer(UInt32.self, at: at) == 0x0606_4B50 else {
      return nil
    }
    return at
  }
}
