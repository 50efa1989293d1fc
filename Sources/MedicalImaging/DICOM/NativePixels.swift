/// Uncompressed DICOM pixel data as stored values.
struct NativePixels {
  let description: PixelDescription
  let encoding: DicomEncoding

  /// The values of all frames, little-endian. The samples of a pixel are stored together.
  ///
  /// If there are more whole frames than declared, all are returned.
  func values(_ dataSet: DicomDataSet) throws(ImageError) -> [UInt8] {
    guard let element = dataSet[.pixelData] ?? dataSet[.floatPixels] ?? dataSet[.doublePixels] else {
      throw ImageError(.malformed, "lacks its pixel data")
    }
    guard !element.isDelimited else {
      throw ImageError(.malformed, "holds compressed pixel data under a transfer syntax without compression")
    }
    if description.isSubsampled { try checkSubsampling(element.value.count) }
    let frames = max(description.frames, wholeFrames(in: element.value.count))
    let size = storedSize(frames: frames)
    guard element.value.count >= size else {
      throw .short("the pixel data", expected: size, found: element.value.count)
    }
    let stored = dataSet.bytes[element.value]
    if description.bitsAllocated == 1 { return unpackBits(stored, count: frames * description.frameCount) }
    let ordered = littleEndian(stored, size: size, vr: element.vr)
    if description.isSubsampled { return Self.upsample(ordered) }
    return description.isPlanar ? PixelOrder.interleave(ordered, description) : ordered
  }

  /// Checks that the pixel data have the form that the photometric interpretation states: two neighbouring
  /// pixels share their chrominance, and values are bytes (PS3.3, C.7.6.3.1.2 and PS3.5, 8.2).
  ///
  /// The check fails if a program converted the pixels to separate colours but did not change the attribute.
  private func checkSubsampling(_ size: Int) throws(ImageError) {
    let name = description.photometric
    guard size < description.frames * description.frameSize else {
      throw ImageError(
        .inconsistent,
        "states the photometric interpretation \(name) \(DicomTag.photometric), in which pairs of pixels share their "
          + "colours, but its pixel data hold colours for each pixel. Have the attribute corrected to what they are, such "
          + "as YBR_FULL or RGB")
    }
    guard description.bitsAllocated == 8, description.columns % 2 == 0 else {
      throw ImageError(
        .unsupported,
        "is \(name) \(DicomTag.photometric) without compression, with \(description.bitsAllocated) bits allocated and "
          + "\(description.columns) columns; expected 8 bits and an even number of columns. Convert it to RGB"
      )
    }
  }

  private func storedSize(frames: Int) -> Int {
    if description.bitsAllocated == 1 { return (frames * description.frameCount + 7) / 8 }
    let size = frames * description.frameSize
    return description.isSubsampled ? size / 3 * 2 : size
  }

  /// The number of whole frames in the data. Returns 0 for pixels of one bit and for subsampled colour, since
  /// their surplus bytes may be padding.
  private func wholeFrames(in size: Int) -> Int {
    description.bitsAllocated == 1 || description.isSubsampled ? 0 : size / description.frameSize
  }

  /// Swaps the bytes of each value in a big-endian file, or of each 16-bit word if the values were written as
  /// words (OW).
  private func littleEndian(_ stored: ArraySlice<UInt8>, size: Int, vr: String?) -> [UInt8] {
    guard encoding.isBigEndian else { return Array(stored.prefix(size)) }
    if description.elementType.size == 1 {
      guard vr == "OW" else { return Array(stored.prefix(size)) }
      var words = Voxels(type: .uint16, bytes: Array(stored.prefix(min(stored.count, size + size % 2) & ~1)))
      words.swapBytes()
      return Array(words.bytes.prefix(size))
    }
    var voxels = Voxels(type: description.elementType, bytes: Array(stored.prefix(size)))
    voxels.swapBytes()
    return voxels.bytes
  }

  /// Unpacks one value per bit, the least significant bit first. There is no padding between frames.
  private func unpackBits(_ stored: ArraySlice<UInt8>, count: Int) -> [UInt8] {
    let start = stored.startIndex
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
      for index in 0..<count { buffer[index] = stored[start + index >> 3] >> UInt8(index & 7) & 1 }
      initialised = count
    }
  }

  /// Gives every pixel its own chrominance. For every two pixels, the file stores two luminances, then the
  /// two chrominances that the pixels share.
  private static func upsample(_ stored: [UInt8]) -> [UInt8] {
    var values: [UInt8] = []
    values.reserveCapacity(stored.count / 2 * 3)
    for start in stride(from: 0, to: stored.count - 3, by: 4) {
      let (blue, red) = (stored[start + 2], stored[start + 3])
      values += [stored[start], blue, red, stored[start + 1], blue, red]
    }
    return values
  }
}

/// Functions that bring decoded pixels into the order and the form that this program uses.
enum PixelOrder {
  /// Reorders the values of frames that are stored as one plane per sample. Afterwards, the samples of each
  /// pixel are together.
  static func interleave(_ planes: [UInt8], _ description: PixelDescription) -> [UInt8] {
    let (size, samples) = (description.elementType.size, description.samples)
    let pixels = description.rows * description.columns
    let frameSize = description.frameSize
    return [UInt8](unsafeUninitializedCapacity: planes.count) { buffer, count in
      planes.withUnsafeBufferPointer { source in
        for frame in stride(from: 0, to: planes.count, by: frameSize) {
          for sample in 0..<samples {
            for pixel in 0..<pixels {
              let from = frame + (sample * pixels + pixel) * size
              let to = frame + (pixel * samples + sample) * size
              for byte in 0..<size { buffer[to + byte] = source[from + byte] }
            }
          }
        }
      }
      count = planes.count
    }
  }

  /// Removes the unused bits of each value. Shifts the value down by `lowBits`. Clears the bits above the
  /// stored bits, which may hold anything (PS3.5, 8.1.1); in signed values, extends the sign over them.
  static func dropUnusedBits(_ bytes: inout [UInt8], type: ElementType, bitsStored: Int, lowBits: Int = 0) {
    guard bitsStored < type.size * 8 else { return }
    switch type {
    case .int8: dropUnused(Int8.self, &bytes, bitsStored, lowBits)
    case .uint8: dropUnused(UInt8.self, &bytes, bitsStored, lowBits)
    case .int16: dropUnused(Int16.self, &bytes, bitsStored, lowBits)
    case .uint16: dropUnused(UInt16.self, &bytes, bitsStored, lowBits)
    case .int32: dropUnused(Int32.self, &bytes, bitsStored, lowBits)
    case .uint32: dropUnused(UInt32.self, &bytes, bitsStored, lowBits)
    case .int64: dropUnused(Int64.self, &bytes, bitsStored, lowBits)
    case .uint64: dropUnused(UInt64.self, &bytes, bitsStored, lowBits)
    case .float32, .float64: break
    }
  }

  private static func dropUnused<Word: FixedWidthInteger>(
    _: Word.Type, _ bytes: inout [UInt8], _ bitsStored: Int, _ lowBits: Int
  ) {
    let shift = Word.bitWidth - bitsStored
    bytes.withUnsafeMutableBytes { raw in
      for offset in stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size) {
        let word = raw.loadUnaligned(fromByteOffset: offset, as: Word.self)
        raw.storeBytes(of: (word << (shift - lowBits)) >> shift, toByteOffset: offset, as: Word.self)
      }
    }
  }
}
