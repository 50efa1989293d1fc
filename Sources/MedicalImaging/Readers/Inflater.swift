import CImageCodecs

/// Decompresses gzip, zlib or raw deflate data, a part at a time.
struct Inflater: ~Copyable {
  private let handle: OpaquePointer

  /// - Precondition: `source` outlives the inflater.
  init(_ source: UnsafeBufferPointer<UInt8>, rawDeflate: Bool = false) throws(ImageError) {
    let wrapper = rawDeflate ? CODEC_RAW_DEFLATE : CODEC_GZIP_OR_ZLIB
    guard let handle = codec_inflater_create(source.baseAddress, source.count, wrapper) else {
      throw ImageError(.unreadable, "no memory to decompress")
    }
    self.handle = handle
  }

  deinit { codec_inflater_free(handle) }

  /// Decompresses the next `length` bytes, or fewer at the end of the data. Verifies the checksum at the end
  /// of the data.
  func next(_ length: Int) throws(ImageError) -> [UInt8] {
    var (status, message) = (CODEC_OK, codec_message())
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      status = codec_inflater_read(handle, buffer.baseAddress, length, &count, &message)
    }
    try check(status, message)
    return bytes
  }

  /// The next `length` bytes.
  ///
  /// - Throws: `ImageError.Code.malformed` if the data end too early.
  func exactly(_ length: Int, _ what: String) throws(ImageError) -> [UInt8] {
    let bytes = try next(length)
    guard bytes.count == length else { throw .short(what, expected: length, found: bytes.count) }
    return bytes
  }

  /// Decompresses at most the first `length` bytes. Returns fewer bytes, or none, if the data are damaged.
  static func prefix(of bytes: [UInt8], length: Int) -> [UInt8] {
    bytes.withUnsafeBufferPointer { source in
      guard let handle = codec_inflater_create(source.baseAddress, source.count, CODEC_GZIP_OR_ZLIB) else {
        return []
      }
      defer { codec_inflater_free(handle) }
      return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
        var message = codec_message()
        _ = codec_inflater_read(handle, buffer.baseAddress, length, &count, &message)
      }
    }
  }
}

extension ImageError {
  /// The error about a part of a file that has fewer bytes than declared.
  static func short(_ what: String, expected: Int, found: Int) -> Self {
    Self(.malformed, "ends early: \(what) need \(expected) bytes, but only \(found) are left")
  }
}

/// Throws an error if a call of a native library did not succeed.
func check(_ status: codec_status, _ message: codec_message) throws(ImageError) {
  guard status != CODEC_OK else { return }
  let text = withUnsafeBytes(of: message.text) { raw in
    String(decoding: raw.prefix(while: { $0 != 0 }), as: UTF8.self)
  }
  switch status {
  case CODEC_MALFORMED: throw ImageError(.malformed, text)
  case CODEC_UNSUPPORTED: throw ImageError(.unsupported, text)
  default: throw ImageError(.unreadable, text)
  }
}

/// Calls `body` with the bytes as a buffer.
func withBytes<Result>(
  _ bytes: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) throws(ImageError) -> Result
) throws(ImageError) -> Result {
  try bytes.withUnsafeBufferPointer(body)
}
