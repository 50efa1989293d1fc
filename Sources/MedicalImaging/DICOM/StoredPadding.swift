/// The stored values that mark pixels outside of the image, such as the corners of a CT slice beyond the
/// circle of reconstruction (PS3.3, C.7.5.1.1.2).
///
/// These pixels are not measurements: slope, intercept and modality LUT do not apply to them.
public struct StoredPadding: Sendable, Hashable {
  /// The padding values: a single value, or all values up to and including the stated range limit.
  let range: ClosedRange<Double>

  /// Reads the padding of a grey image. Returns `nil` for a colour image, if the data set states no padding
  /// value, or if its pixels cannot hold the stated value.
  ///
  /// - Throws: `ImageError.Code.malformed` if the value or the limit is not one number of the pixels' type.
  init?(_ dataSet: DicomDataSet, _ description: PixelDescription) throws(ImageError) {
    guard ["MONOCHROME1", "MONOCHROME2"].contains(description.photometric) else { return nil }
    let tags: (value: DicomTag, limit: DicomTag) =
      switch description.elementType {
      case .float32: (.floatPaddingValue, .floatPaddingLimit)
      case .float64: (.doublePaddingValue, .doublePaddingLimit)
      default: (.paddingValue, .paddingLimit)
      }
    guard let value = try Self.number(tags.value, dataSet, description) else { return nil }
    let limit = try Self.number(tags.limit, dataSet, description) ?? value
    range = min(value, limit)...max(value, limit)
  }

  private static func number(
    _ tag: DicomTag, _ dataSet: DicomDataSet, _ description: PixelDescription
  ) throws(ImageError) -> Double? {
    guard let element = dataSet.elements[tag], !element.value.isEmpty else { return nil }
    if description.elementType == .float32 || description.elementType == .float64 {
      // A padding value of NaN needs no treatment: NaN already means "not measured".
      if dataSet.numbers(tag).contains(where: \.isNaN) { return nil }
      return try dataSet.stated(tag, count: 1).first
    }
    let words = dataSet.words(tag)
    guard element.value.count == 2, let word = words.first else {
      throw ImageError(
        .malformed, "its \(tag.label) is not one number of 16 bits; have the file corrected")
    }
    // Interpret the word by the type of the pixels: many files write -2000 as the unsigned number 63536.
    let value = description.isSigned ? Int(Int16(bitPattern: word)) : Int(word)
    let bits = description.bitsStored
    let possible = description.isSigned ? -(1 << (bits - 1))...(1 << (bits - 1)) - 1 : 0...(1 << bits) - 1
    return possible.contains(value) ? Double(value) : nil
  }

  /// Whether each value is padding.
  func marks(_ voxels: Voxels) -> [Bool] {
    // Compare as 32-bit numbers, as training uses them, so that a rounded 64-bit value still equals the
    // padding value.
    let (low, high) = (Float(range.lowerBound), Float(range.upperBound))
    return voxels.floats().map { $0 >= low && $0 <= high }
  }
}

extension Volume {
  /// Reads the padding that a data set states. If it is unreadable, the meaning of the values becomes
  /// uncertain.
  mutating func takePadding(_ dataSet: DicomDataSet, _ description: PixelDescription) {
    do throws(ImageError) {
      padding = try StoredPadding(dataSet, description)
      source.hasPadding = padding?.marks(voxels).contains(true) ?? false
    } catch {
      if case .refused = meaning {} else { meaning = .refused(error) }
    }
  }
}
