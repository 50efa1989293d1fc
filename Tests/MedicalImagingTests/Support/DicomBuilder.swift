@testable import MedicalImaging

/// Writes small DICOM files, valid or invalid as a test needs them.
struct DicomBuilder {
  var transferSyntax = "1.2.840.10008.1.2.1"
  var isExplicit = true
  var isBigEndian = false
  private var body: [UInt8] = []

  init(transferSyntax: String = "1.2.840.10008.1.2.1", isExplicit: Bool = true, isBigEndian: Bool = false) {
    self.transferSyntax = transferSyntax
    self.isExplicit = isExplicit
    self.isBigEndian = isBigEndian
  }

  /// Adds a complete description of pixels.
  mutating func describe(
    rows: Int, columns: Int, samples: Int = 1, bits: Int = 8, stored: Int? = nil, isSigned: Bool = false,
    photometric: String = "MONOCHROME2", isPlanar: Bool = false, frames: Int? = nil
  ) {
    number(.samplesPerPixel, samples)
    text(.photometric, "CS", photometric)
    if samples > 1 { number(.planarConfiguration, isPlanar ? 1 : 0) }
    if let frames { text(.numberOfFrames, "IS", "\(frames)") }
    number(.rows, rows)
    number(.columns, columns)
    number(.bitsAllocated, bits)
    number(.bitsStored, stored ?? bits)
    number(.pixelRepresentation, isSigned ? 1 : 0)
  }

  mutating func number(_ tag: DicomTag, _ value: Int) { element(tag, "US", word16(value)) }

  mutating func text(_ tag: DicomTag, _ vr: String, _ text: String) {
    element(tag, vr, Array(text.utf8) + (text.utf8.count % 2 == 0 ? [] : [0x20]))
  }

  /// Adds an element; `length` states a length that differs from the value's.
  mutating func element(_ tag: DicomTag, _ vr: String, _ value: [UInt8], length: UInt32? = nil) {
    let length = length ?? UInt32(value.count)
    body += word16(Int(tag.code >> 16)) + word16(Int(tag.code & 0xFFFF))
    if isExplicit {
      body += Array(vr.utf8)
      body +=
        ["OB", "OW", "OF", "OD", "SQ", "UN"].contains(vr) ? [0, 0] + word32(length) : word16(Int(length))
    } else {
      body += word32(length)
    }
    body += value
  }

  /// Compressed pixel data: an empty offset table and the fragments.
  mutating func fragments(_ fragments: [[UInt8]], isClosed: Bool = true) {
    var value = Self.item([])
    for fragment in fragments { value += Self.item(fragment) }
    if isClosed { value += [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0] }
    element(.pixelData, "OB", value, length: .max)
  }

  static func item(_ content: [UInt8]) -> [UInt8] {
    [0xFE, 0xFF, 0x00, 0xE0] + (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) } + content
  }

  /// The file: preamble, prefix, meta information, data set.
  func file() -> [UInt8] {
    var meta = DicomBuilder()
    meta.text(.transferSyntax, "UI", transferSyntax)
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta.body + body
  }

  /// The data set alone, as in some old files.
  func bareDataSet() -> [UInt8] { body }

  private func word16(_ value: Int) -> [UInt8] {
    let bytes = [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    return isBigEndian ? bytes.reversed() : bytes
  }

  private func word32(_ value: UInt32) -> [UInt8] {
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    return isBigEndian ? bytes.reversed() : bytes
  }
}
