/// A DICOM file's image and the header that places it in a series.
struct DicomImage: Sendable {
  let header: DicomHeader
  let volume: Volume

  var path: String { header.path }

  init(_ file: FileContent) throws(ImageError) {
    let dicom = try DicomFile(file.bytes)
    let dataSet = dicom.dataSet
    try Self.requirePixels(dataSet)
    let description = try PixelDescription(dataSet)
    let bytes = try Self.values(dataSet, description, dicom.transferSyntax)
    let voxels = Voxels(type: description.elementType, bytes: bytes)
    let frames = voxels.count / description.frameCount
    header = try DicomHeader(dataSet, description, frames: frames, path: file.path)
    let places = FrameOrder(header.geometry, frames: frames, areParts: header.isSegmentation)
    var (shape, axes) = ([description.rows, description.columns], [Volume.Axis.row, .column])
    if frames > 1 { (shape, axes) = ([frames] + shape, [places.areSlices ? .slice : .time] + axes) }
    if description.samples > 1 { (shape, axes) = (shape + [description.samples], axes + [.channel]) }
    var stored = Volume(
      voxels: voxels, shape: shape, axes: axes, geometry: places.geometry,
      meaning: try Self.meaning(dataSet, description, dicom.transferSyntax),
      source: Self.source(dataSet, description, dicom.transferSyntax, frames: frames))
    stored.takePadding(dataSet, description)
    var scaled = try DicomScaling(dataSet).applied(to: stored, frames: frames)
    if places.imagesPerSlice > 1 { scaled.source.imagesPerSlice = places.imagesPerSlice }
    if header.isSegmentation {
      scaled.meaning = Self.segments(dataSet, header, frames: frames)
      volume = scaled
      return
    }
    if let fault = places.fault ?? Self.mosaic(header) { scaled.meaning = .refused(fault) }
    volume = scaled.reordered(places.order)
  }

  private static func meaning(
    _ dataSet: DicomDataSet, _ description: PixelDescription, _ syntax: TransferSyntax
  ) throws(ImageError) -> StoredMeaning {
    let stream =
      syntax.compression == .none
      ? nil : try CompressedPixels(description: description, syntax: syntax).colour(dataSet)
    return StoredMeaning(dataSet, description, stream: stream)
  }

  private static func segments(_ dataSet: DicomDataSet, _ header: DicomHeader, frames: Int) -> StoredMeaning {
    do throws(ImageError) {
      return .segmentation(.init(frames: try SegmentFrames(dataSet, header.geometry, frames: frames)))
    } catch {
      return .refused(error)
    }
  }

  private static func mosaic(_ header: DicomHeader) -> ImageError? {
    guard header.isMosaic else { return nil }
    return ImageError(
      .unsupported,
      "is a Siemens mosaic: all slices of a volume as tiles of one picture. Convert it to NIfTI or to an enhanced "
        + "multi-frame file, for example with dcm2niix")
  }

  private static func requirePixels(_ dataSet: DicomDataSet) throws(ImageError) {
    let hasPixels = [DicomTag.pixelData, .floatPixels, .doublePixels].contains { dataSet[$0] != nil }
    guard !hasPixels else { return }
    if dataSet[.directoryRecords] != nil {
      throw ImageError(.unsupported, "is a DICOMDIR, an index of other files, not an image")
    }
    let kind = dataSet.text(.modality).map { " (modality \($0))" } ?? ""
    throw ImageError(.unsupported, "is a DICOM file without pixel data\(kind), not an image")
  }

  private static func values(
    _ dataSet: DicomDataSet, _ description: PixelDescription, _ syntax: TransferSyntax
  ) throws(ImageError) -> [UInt8] {
    guard syntax.compression == .none else {
      return try CompressedPixels(description: description, syntax: syntax).values(dataSet)
    }
    var values = try NativePixels(description: description, encoding: syntax.encoding).values(dataSet)
    if description.bitsAllocated > 1 {
      PixelOrder.dropUnusedBits(
        &values, type: description.elementType, bitsStored: description.bitsStored,
        lowBits: description.lowBits)
    }
    return values
  }

  private static func source(
    _ dataSet: DicomDataSet, _ description: PixelDescription, _ syntax: TransferSyntax, frames: Int
  ) -> ImageSource {
    var source = ImageSource(format: "DICOM")
    source.photometric = description.photometric
    source.transferSyntax = syntax.uid
    source.sopClass = dataSet.text(.sopClass)
    source.modality = dataSet.text(.modality)
    source.frames = frames
    source.bitsStored = description.bitsStored
    source.provenance = ImageProvenance(dataSet)
    source.isLossy = syntax.isLossy || dataSet.text(.lossyCompression) == "01"
    return source
  }
}
