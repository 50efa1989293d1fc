/// The encoding of a DICOM file's data set and pixel data (PS3.5, chapter 10 and annex A).
struct TransferSyntax: Sendable, Hashable {
  /// The compression of pixel data.
  enum Compression: Sendable { case none, rle, jpeg, jpegLS, jpeg2000 }

  let uid: String
  let encoding: DicomEncoding
  let compression: Compression
  let isDeflated: Bool
  let isLossy: Bool

  private init(
    _ uid: String, _ encoding: DicomEncoding = .explicitLittle, _ compression: Compression = .none,
    isDeflated: Bool = false, isLossy: Bool = false
  ) {
    self.uid = uid
    self.encoding = encoding
    self.compression = compression
    self.isDeflated = isDeflated
    self.isLossy = isLossy
  }

  /// - Throws: `ImageError.Code.unsupported` for a syntax that is not supported, such as video.
  init(uid: String) throws(ImageError) {
    guard let known = Self.known[uid] else {
      throw ImageError(.unsupported, "its transfer syntax \(uid)\(Self.hint(uid)) is not supported")
    }
    self = known
  }

  private static let known = Dictionary(
    uniqueKeysWithValues: [
      Self("1.2.840.10008.1.2", .implicitLittle), Self("1.2.840.10008.1.2.1"),
      Self("1.2.840.10008.1.2.1.99", isDeflated: true), Self("1.2.840.10008.1.2.2", .explicitBig),
      Self("1.2.840.10008.1.2.5", .explicitLittle, .rle),
      Self("1.2.840.10008.1.2.4.50", .explicitLittle, .jpeg, isLossy: true),
      Self("1.2.840.10008.1.2.4.51", .explicitLittle, .jpeg, isLossy: true),
      Self("1.2.840.10008.1.2.4.57", .explicitLittle, .jpeg),
      Self("1.2.840.10008.1.2.4.70", .explicitLittle, .jpeg),
      Self("1.2.840.10008.1.2.4.80", .explicitLittle, .jpegLS),
      Self("1.2.840.10008.1.2.4.81", .explicitLittle, .jpegLS, isLossy: true),
      Self("1.2.840.10008.1.2.4.90", .explicitLittle, .jpeg2000),
      Self("1.2.840.10008.1.2.4.91", .explicitLittle, .jpeg2000, isLossy: true),
    ].map { ($0.uid, $0) })

  private static func hint(_ uid: String) -> String {
    if uid.hasPrefix("1.2.840.10008.1.2.4.10") { return " (MPEG video)" }
    if uid.hasPrefix("1.2.840.10008.1.2.4.20") { return " (High-Throughput JPEG 2000)" }
    return ""
  }
}
