extension DicomDataSet {
  /// Returns the numbers of an attribute; empty if it is absent or empty.
  ///
  /// An unreadable number never becomes a default, since it may be a slope, a distance or a position.
  ///
  /// - Throws: `ImageError.Code.malformed` if a text is not a number (for example, has a decimal comma), if a
  ///   number is NaN or infinite, or if the attribute does not have exactly `count` numbers.
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

  /// Returns the single number of an attribute; `nil` if the attribute is absent.
  ///
  /// - Throws: `ImageError.Code.malformed` as for `stated`, or if the attribute is present but empty.
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
