import MedicalImaging
import StudyProtocol

/// Reads the image or mask of one data element from its file. The result has the study's number of channels,
/// and every voxel has a value.
struct ElementReader: Sendable {
  let element: CommonDataElement
  /// The element's entry in the site file.
  let mapping: ElementMapping?

  /// - Parameters:
  ///   - target: the image onto whose grid the frames of a DICOM segmentation are placed.
  ///   - images: the provenance of those images of the record that have been read already. The file must not
  ///     contradict it.
  ///   - notes: receives warnings about the file.
  func image(
    of record: Record, onto target: FloatImage? = nil, tiedTo images: [ImageProvenance] = [],
    notes: inout [ImageFault]
  ) throws(ImageFault) -> ReadImage {
    do {
      let stored = try volume(of: record)
      if let note = try modalityNote(stored.source, record) { notes.append(note) }
      let tie = ImageTie(element: element, record: record, images: images)
      if let note = try tie.check(stored.source) { notes.append(note) }
      let meant = element.kind == .mask ? try stored.asLabels() : stored
      let image = try FloatImage(meant, channels: element.channels ?? 1)
      let grid = stored.source.isSegmentation ? target : nil
      let placed = try grid.map(image.placed) ?? image
      return ReadImage(
        image: try checked(placed, record, of: stored.source, notes: &notes), source: stored.source)
    } catch let error as ImageError {
      throw ImageFault(.file, error.message, element, in: record)
    } catch let fault as ImageFault {
      throw fault
    } catch {
      throw ImageFault(.file, "\(error)", element, in: record)
    }
  }

  private func volume(of record: Record) throws -> Volume {
    switch record[element.name] {
    case .file(let path): return try element.kind == .mask ? Volume.readMask(path) : Volume.read(path)
    case .item(let file, let array, let index):
      return try NumpyStacks.shared.image(index, ofArray: array, inFile: file)
    default: throw ImageFault(.file, "the record has no image file", element, in: record)
    }
  }

  /// Compares the modality that the study declares with the header of a DICOM file.
  ///
  /// - Returns: A warning if the header states none.
  /// - Throws: `ImageFault` with the rule `.modality` if the header states a different modality.
  private func modalityNote(
    _ source: ImageSource, _ record: Record
  ) throws(ImageFault) -> ImageFault? {
    guard let declared = element.modality, source.format == "DICOM", source.modality != declared else {
      return nil
    }
    guard let found = source.modality else {
      return ImageFault(
        .modality,
        "the file states no modality (0008,0060); the study declares \(declared), so check that it is",
        element, in: record, severity: .warning)
    }
    throw ImageFault(
      .modality,
      "the file's modality (0008,0060) is not \(declared), which the study declares for this element; name the "
        + "right file, or correct the study",
      element, in: record, values: [found])
  }

  private func checked(
    _ image: FloatImage, _ record: Record, of source: ImageSource,
    notes: inout [ImageFault]
  ) throws(ImageFault) -> FloatImage {
    let expected = element.channels ?? 1
    guard image.channels == expected else {
      throw ImageFault(
        .channels, "the image has \(image.channels) channels; expected \(expected). \(wayOut(image))",
        element,
        in: record)
    }
    guard image.values.contains(where: { !$0.isFinite }) else { return image }
    return try filled(image, record, of: source, notes: &notes)
  }

  private func wayOut(_ image: FloatImage) -> String {
    if element.kind == .mask { return "Export the mask in greyscale, with the class code in each pixel" }
    return
      "Declare `channels: \(image.channels)` in the study, or save the image again: grey has one channel, colour "
      + "three, and transparency is one more"
  }

  /// The image with a value in each unmeasured voxel: the value that the study or the site file declares. If
  /// none is declared, the padding of a DICOM image gets the lowest measured value of the image.
  private func filled(
    _ image: FloatImage, _ record: Record, of source: ImageSource,
    notes: inout [ImageFault]
  ) throws(ImageFault) -> FloatImage {
    let missing = image.values.count { $0.isNaN }
    let infinite = image.values.count { $0.isInfinite }
    let fill = element.kind == .image ? mapping?.missingVoxels ?? element.missingVoxels : nil
    if infinite == 0, let fill { return image.replacingMissing(by: Float(fill)) }
    if infinite == 0, source.hasPadding { return try padded(image, record, of: source, notes: &notes) }
    if infinite > 0 {
      throw ImageFault(
        .values, "\(infinite) voxels are infinite; correct the file", element, in: record,
        kind: "infinite voxels")
    }
    let help =
      element.kind == .mask
      ? "give them the code of the background"
      : "if nothing was measured there, set their value with "
        + "`missing-voxels: 0` at the element, in the study or in the site file"
    throw ImageFault(
      .values, "\(missing) of \(image.values.count) voxels are not numbers; \(help)", element, in: record,
      kind: "voxels that are not numbers")
  }

  private func padded(
    _ image: FloatImage, _ record: Record, of source: ImageSource, notes: inout [ImageFault]
  ) throws(ImageFault) -> FloatImage {
    guard let lowest = image.values.filter({ !$0.isNaN }).min() else {
      throw ImageFault(
        .values,
        "all of its pixels are padding (0028,0120), so that nothing was measured; name another file",
        element, in: record, kind: "nothing but padding")
    }
    let loss =
      source.isLossy
      ? ". The file was compressed with loss, so that padding may have become other values, which are not recognised"
      : ""
    notes.append(
      ImageFault(
        .values,
        "pixels that the file states to be padding (0028,0120) are not measurements; they take the lowest measured value of "
          + "their image. Set `missing-voxels` at the element, in the study or in the site file, to give them another\(loss)",
        element, in: record, severity: .warning))
    return image.replacingMissing(by: lowest)
  }
}

extension FloatImage {
  /// The image with a value in place of each NaN.
  fileprivate func replacingMissing(by value: Float) -> FloatImage {
    var image = self
    for index in image.values.indices where image.values[index].isNaN { image.values[index] = value }
    return image
  }
}
