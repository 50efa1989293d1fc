extension DicomDataSet {
  /// The numbers that an attribute states; none if it is absent or empty.
  ///
  /// A number that cannot be read never becomes a default: it may be a slope, a distance or a position.
  ///
  /// - Throws: `ImageError.Code.malformed` for a text that is no number, such as a decimal comma, for NaN and
  ///   infinities, and for another count than `count`.
  func stated(_ tag: DicomTag, count: Int? = nil) throws(ImageError) -> [Double] {
    guard let element = elements[tag], !element.value.isEmpty else { return [] }
    guard !element.isDelimited, element.missing == 0 else {
      throw ImageError(.malformed, "its \(tag.label) is damaged")
    }
    let values = isBinary(element) ? numbers(tag) : try decimals(tag)
    guard values.allSatisfy(\.isFinite) else {
      throw ImageError(.malformed, "its \(tag.label) is infinite or not a number")
    }
    if let count, !values.isEmpty, values.count != count {
      let found = values.count == 1 ? "1 value" : "\(values.count) values"
      throw ImageError(.malformed, "its \(tag.label) holds \(found); expected \(count)")
    }
    return values
  }

  /// One number that an attribute states; `nil` if the attribute is absent.
  ///
  /// - Throws: `ImageError.Code.malformed` as `stated`, and for an attribute that is there but empty.
  func statedNumber(_ tag: DicomTag) throws(ImageError) -> Double? {
    guard elements[tag] != nil else { return nil }
    guard let number = try stated(tag, count: 1).first else {
      throw ImageError(.malformed, "its \(tag.label) is empty; a number is required")
    }
    return number
  }

  private func isBinary(_ element: Element) -> Bool {
    ["US", "SS", "UL", "SL", "OV", "UV", "FL", "FD"].contains(element.vr)
  }

  /// The values of a decimal or integer string (PS3.5, 6.2: DS and IS).
  private func decimals(_ tag: DicomTag) throws(ImageError) -> [Double] {
    let texts = texts(tag)
    if texts.allSatisfy(\.isEmpty) { return [] }
    var values: [Double] = []
    for text in texts {
      let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || Self.numberSigns.contains($0) }
      guard isPlain, let value = Double(text) else {
        let reason =
          text.contains(",")
          ? "it holds a comma; DICOM writes a decimal point" : "DICOM writes it as 0.5 or 5e-1"
        throw ImageError(
          .malformed,
          "its \(tag.label) is not a number: \(reason). Export the file again or have it corrected")
      }
      values.append(value)
    }
    return values
  }

  private static let numberSigns = Array("+-.eE".utf8)
}
