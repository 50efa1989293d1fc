import CImageCodecs

/// Compressed DICOM pixel data as stored values, frame by frame.
struct CompressedPixels {
  let description: PixelDescription
  let syntax: TransferSyntax

  /// The colours stated by the first frame's codestream, if any.
  func colour(_ dataSet: DicomDataSet) throws(ImageError) -> Codestream.Colour? {
    guard syntax.compression != .rle, description.samples == 3 else { return nil }
    let frames = try frames(dataSet)
    guard let first = frames.first else { return nil }
    return try Codestream(first.flatMap { dataSet.bytes[$0] }, syntax.compression).colour
  }

  /// The values of all frames, little-endian. The samples of a pixel are stored together.
  func values(_ dataSet: DicomDataSet) throws(ImageError) -> [UInt8] {
    let frames = try frames(dataSet)
    let size = try DeclaredSize.bytes(
      [frames.count, description.frameCount], elementSize: description.elementType.size)
    // Empty images compress to almost nothing, so check plausibility only for sizes that could exhaust the
    // memory.
    if size > 1 << 28 { try DeclaredSize.check(size, compressed: dataSet[.pixelData]?.value.count ?? 0) }
    var values: [UInt8] = []
    values.reserveCapacity(size)
    for (index, ranges) in frames.enumerated() {
      do throws(ImageError) {
        values += try decode(ranges.flatMap { dataSet.bytes[$0] })
      } catch {
        throw ImageError(error.code, "frame \(index + 1) of \(frames.count): \(error.message)")
      }
    }
    return values
  }

  /// For each frame, the byte ranges of its fragments.
  private func frames(_ dataSet: DicomDataSet) throws(ImageError) -> [[Range<Int>]] {
    guard let element = dataSet[.pixelData] else { throw ImageError(.malformed, "lacks its pixel data") }
    guard element.isDelimited else {
      throw ImageError(.malformed, "holds uncompressed pixel data under a compressed transfer syntax")
    }
    var position = element.value.lowerBound
    let fragments = DicomFragments.scan(dataSet.bytes, position: &position, end: element.value.upperBound)
    guard !fragments.isCutShort else {
      throw ImageError(.malformed, "its compressed pixel data end early, before their sequence delimiter")
    }
    let offsets = dataSet.numbers(.extendedOffsets).compactMap { Int(exactly: $0) }
    let frames = try fragments.frames(
      declared: description.frames, extendedOffsets: offsets, in: dataSet.bytes)
    guard frames.count >= description.frames else {
      throw ImageError(
        .malformed, "declares \(description.frames) frames, its compressed pixel data hold \(frames.count)")
    }
    return frames
  }

  private func decode(_ frame: [UInt8]) throws(ImageError) -> [UInt8] {
    if syntax.compression == .rle {
      var values = try RunLength.decode(frame, description)
      PixelOrder.dropUnusedBits(&values, type: description.elementType, bitsStored: description.bitsStored)
      return values
    }
    let stream = try Codestream(frame, syntax.compression)
    try check(stream)
    // The codecs return the narrowest whole bytes that hold the codestream's samples.
    let bits = stream.precision <= 8 ? 8 : stream.precision <= 16 ? 16 : 32
    let isPlanar = description.isPlanar && syntax.compression == .jpeg
    var values = widen(try decode(frame, stream, bits: bits), from: bits)
    restoreSign(&values, stream)
    return isPlanar ? PixelOrder.interleave(values, description) : values
  }

  private func decode(_ frame: [UInt8], _ stream: Codestream, bits: Int) throws(ImageError) -> [UInt8] {
    let size = description.frameCount * bits / 8
    var (status, message) = (CODEC_OK, codec_message())
    let values = syntax.uid.withCString { uid in
      photometric.withCString { photometric in
        var head = codec_frame(
          transfer_syntax: uid, photometric: photometric, rows: UInt32(description.rows),
          columns: UInt32(description.columns), samples: UInt32(description.samples),
          bits_allocated: UInt32(bits),
          bits_stored: UInt32(stream.precision), is_signed: description.isSigned,
          planar_configuration: description.isPlanar ? 1 : 0)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
          status = codec_dicom_decode(&head, frame, frame.count, buffer.baseAddress, size, &message)
          count = status == CODEC_OK ? size : 0
        }
      }
    }
    try MedicalImaging.check(status, message)
    return values
  }

  /// The photometric interpretation that GDCM receives. An interpretation that GDCM does not know is replaced
  /// by MONOCHROME2 or RGB, since GDCM would abort.
  private var photometric: String {
    let known: Set<String> = [
      "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT",
    ]
    if known.contains(description.photometric) { return description.photometric }
    return description.samples == 1 ? "MONOCHROME2" : "RGB"
  }

  private func check(_ stream: Codestream) throws(ImageError) {
    guard stream.rows == description.rows, stream.columns == description.columns,
      stream.components == description.samples
    else {
      throw ImageError(
        .malformed,
        "the compressed image is \(stream.rows)×\(stream.columns)×\(stream.components), its header declares "
          + "\(description.rows)×\(description.columns)×\(description.samples)")
    }
    guard (1...description.bitsAllocated).contains(stream.precision) else {
      throw ImageError(
        .malformed,
        "the compressed image has \(stream.precision) bits per sample, its header allocates \(description.bitsAllocated)"
      )
    }
  }

  /// Extends each value to the number of bytes that the header allocates for it.
  private func widen(_ values: [UInt8], from bits: Int) -> [UInt8] {
    let (narrow, wide) = (bits / 8, description.elementType.size)
    guard narrow < wide else { return values }
    var widened = [UInt8](repeating: 0, count: values.count / narrow * wide)
    for index in 0..<values.count / narrow {
      for byte in 0..<narrow { widened[index * wide + byte] = values[index * narrow + byte] }
      let isNegative = description.isSigned && values[index * narrow + narrow - 1] & 0x80 != 0
      for byte in narrow..<wide { widened[index * wide + byte] = isNegative ? 0xFF : 0 }
    }
    return widened
  }

  /// Makes the bits above a codestream's precision agree with the sign that the header states.
  ///
  /// JPEG-LS has no sign; JPEG 2000 states one, which may contradict the header's.
  private func restoreSign(_ values: inout [UInt8], _ stream: Codestream) {
    switch syntax.compression {
    case .jpeg2000
    where stream.isSigned != description.isSigned && description.photometric.hasPrefix("MONOCHROME"),
      .jpegLS where description.isSigned:
      PixelOrder.dropUnusedBits(&values, type: description.elementType, bitsStored: stream.precision)
    case .jpeg:
      PixelOrder.dropUnusedBits(&values, type: description.elementType, bitsStored: description.bitsStored)
    default: break
    }
  }
}
