extension StoredMeaning {
  /// Reads the meaning from a data set.
  ///
  /// - Parameter stream: the colours that the compressed frames themselves state.
  init(_ dataSet: DicomDataSet, _ description: PixelDescription, stream: Codestream.Colour?) {
    do throws(ImageError) {
      self = try Self.read(dataSet, description, stream: stream)
    } catch {
      self = .refused(error)
    }
  }

  private static func read(
    _ dataSet: DicomDataSet, _ description: PixelDescription, stream: Codestream.Colour?
  ) throws(ImageError) -> Self {
    guard dataSet.text(.photometric) != nil else {
      throw ImageError(.malformed, "lacks its photometric interpretation \(DicomTag.photometric)")
    }
    switch description.photometric {
    case "MONOCHROME1", "MONOCHROME2":
      try requireSamples(1, description)
      return try grey(dataSet, description)
    case "PALETTE COLOR":
      try requireSamples(1, description)
      return .palette(try StoredPalette(dataSet, description))
    default:
      try requireSamples(3, description)
      return try colour(description, stream)
    }
  }

  private static func requireSamples(_ count: Int, _ description: PixelDescription) throws(ImageError) {
    let known = [
      "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422",
      "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT",
    ]
    guard known.contains(description.photometric) else {
      // Name only the standard's own retired interpretations. Other text from the file must not appear in a
      // message.
      let isRetired = ["HSV", "ARGB", "CMYK"].contains(description.photometric)
      let name = isRetired ? description.photometric + " " : ""
      throw ImageError(
        .unsupported,
        "its photometric interpretation \(name)\(DicomTag.photometric) is not supported; convert it to RGB or MONOCHROME2"
      )
    }
    guard description.samples == count else {
      throw ImageError(
        .malformed,
        "declares \(description.photometric) with \(description.samples) samples per pixel; expected \(count)"
      )
    }
  }

  private static func grey(_ dataSet: DicomDataSet, _ description: PixelDescription) throws(ImageError)
    -> Self
  {
    let isInverted = description.photometric == "MONOCHROME1"
    if let shape = dataSet.text(.presentationShape), ["IDENTITY", "INVERSE"].contains(shape),
      (shape == "INVERSE") != isInverted
    {
      throw ImageError(
        .inconsistent,
        "states \(description.photometric) and presentation LUT shape \(shape) \(DicomTag.presentationShape), which "
          + "contradict each other; it is unclear whether bright is stored as high or low. Have the file corrected"
      )
    }
    if let table = try modalityTable(dataSet, description) {
      return .table(.init(table: isInverted ? table.inverted : table))
    }
    guard isInverted else { return .plain }
    guard description.elementType != .float32, description.elementType != .float64 else {
      throw ImageError(
        .unsupported, "is MONOCHROME1 with pixels of floating point, whose inverse is not defined")
    }
    try refuseQuantity(dataSet)
    return .inverted(bits: description.isSigned ? description.elementType.size * 8 : description.bitsStored)
  }

  /// Throws if the values are a physical quantity, such as Hounsfield units. MONOCHROME1 then concerns only
  /// their display, and inverting them would falsify them.
  ///
  /// A CT image that is rescaled and states no type holds Hounsfield units (PS3.3, C.8.2.1).
  private static func refuseQuantity(_ dataSet: DicomDataSet) throws(ImageError) {
    let isRescaledCT =
      dataSet.text(.sopClass) == "1.2.840.10008.5.1.4.1.1.2" && dataSet.text(.rescaleType) == nil
      && (dataSet[.rescaleSlope] != nil || dataSet[.rescaleIntercept] != nil)
    guard !isRescaledCT else {
      throw ImageError(
        .unsupported,
        "is a CT image of MONOCHROME1 \(DicomTag.photometric) that is rescaled to Hounsfield units, which must not be "
          + "inverted; have it written as MONOCHROME2")
    }
    let groups = try dataSet.pixelTransformations()
    for type in ([dataSet] + groups).compactMap({ $0.text(.rescaleType) })
    where !["US", "OD", "UNSPECIFIED"].contains(type) {
      throw ImageError(
        .unsupported,
        "is MONOCHROME1 with a rescale type \(DicomTag.rescaleType) that is a physical quantity, which must not be "
          + "inverted; have it written as MONOCHROME2")
    }
  }

  private static func modalityTable(
    _ dataSet: DicomDataSet, _ description: PixelDescription
  ) throws(ImageError) -> StoredValueTable? {
    guard dataSet[.modalityTables] != nil else { return nil }
    let items = try dataSet.items(.modalityTables)
    guard let item = items.first, items.count == 1 else {
      throw ImageError(
        .malformed, "its \(DicomTag.modalityTables.label) has \(items.count) items; expected 1")
    }
    guard description.elementType.size <= 2 else {
      throw ImageError(.unsupported, "has a modality LUT for pixels of \(description.bitsAllocated) bits")
    }
    if let slope = try dataSet.statedNumber(.rescaleSlope), slope != 1 {
      throw ImageError(
        .inconsistent,
        "states a modality LUT and a rescale slope \(DicomTag.rescaleSlope); only one may apply")
    }
    return try StoredValueTable(
      item, descriptor: .tableDescriptor, data: .tableData, isSigned: description.isSigned)
  }

  private static func colour(
    _ description: PixelDescription, _ stream: Codestream.Colour?
  ) throws(ImageError) -> Self {
    let name = description.photometric
    let isJPEG2000 = stream == .transformed || stream == .untransformed
    switch name {
    case "YBR_ICT", "YBR_RCT":
      guard stream == .transformed else { throw contradiction(name, "no component transform of JPEG 2000") }
      return .plain
    case "RGB":
      if stream == .lumaChroma { throw contradiction(name, "luminance and colour differences (YCbCr)") }
      return .plain
    default:
      if stream == .transformed { return .plain }
      if stream == .rgb { throw contradiction(name, "red, green and blue") }
      guard !isJPEG2000 || name == "YBR_FULL" else { throw contradiction(name, "no subsampled colours") }
      if name == "YBR_PARTIAL_420", stream == nil {
        throw ImageError(.unsupported, "is YBR_PARTIAL_420 without compression, which is not supported")
      }
      guard description.bitsStored >= 8, description.elementType.size <= 2, !description.isSigned else {
        throw ImageError(
          .unsupported, "is \(name) with \(description.bitsStored) bits per sample, which is not supported")
      }
      return .lumaChroma(
        .init(colour: LumaChroma(isPartial: name.hasPrefix("YBR_PARTIAL"), bits: description.bitsStored)))
    }
  }

  private static func contradiction(_ name: String, _ found: String) -> ImageError {
    ImageError(
      .inconsistent,
      "states the photometric interpretation \(name) \(DicomTag.photometric), but its pixel data hold \(found). "
        + "Export it again, or have the attribute corrected")
  }
}

extension StoredMeaning.StoredPalette {
  init(_ dataSet: DicomDataSet, _ description: PixelDescription) throws(ImageError) {
    guard description.elementType.size <= 2 else {
      throw ImageError(.unsupported, "has a palette for pixels of \(description.bitsAllocated) bits")
    }
    red = try StoredValueTable(
      dataSet, descriptor: .redTableDescriptor, data: .redTable, segments: .redSegments,
      isSigned: description.isSigned)
    green = try StoredValueTable(
      dataSet, descriptor: .greenTableDescriptor, data: .greenTable, segments: .greenSegments,
      isSigned: description.isSigned)
    blue = try StoredValueTable(
      dataSet, descriptor: .blueTableDescriptor, data: .blueTable, segments: .blueSegments,
      isSigned: description.isSigned)
    // An image of 8 bits gets colours of 8 bits, like RGB. Some writers declare 16 bits and use only 8.
    let isWide = [red, green, blue].contains { $0.bits > 8 && $0.entries.contains { $0 > 255 } }
    shift = isWide && description.elementType.size == 1 ? UInt16(max(red.bits, green.bits, blue.bits) - 8) : 0
  }
}

extension DicomDataSet {
  /// The pixel value transformations of an enhanced image: the shared transformation and the transformations
  /// of the frames.
  func pixelTransformations() throws(ImageError) -> [DicomDataSet] {
    var found: [DicomDataSet] = []
    for tag in [DicomTag.sharedGroups, .perFrameGroups] {
      for group in try items(tag) { found += try group.items(.pixelValueTransformation) }
    }
    return found
  }
}
