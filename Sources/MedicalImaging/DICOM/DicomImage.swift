/// A DICOM file's image with what is needed to place it in a series.
struct DicomImage: Sendable {
  let path: String
  let volume: Volume
  let seriesInstance: String?
  let geometry: DicomGeometry

  init(_ file: FileContent) throws(ImageError) {
    let dicom = try DicomFile(file.bytes)
    let dataSet = dicom.dataSet
    try Self.requirePixels(dataSet)
    let description = try PixelDescription(dataSet)
    let bytes = try Self.values(dataSet, description, dicom.transferSyntax)
    let voxels = Voxels(type: description.elementType, bytes: bytes)
    let frames = voxels.count / description.frameCount
    path = file.path
    seriesInstance = dataSet.text(.seriesInstance)
    geometry = DicomGeometry(dataSet, frames: frames)
    let (placement, areSlices) = geometry.volume(frames: frames)
    var (shape, axes) = ([description.rows, description.columns], [Volume.Axis.row, .column])
    if frames > 1 { (shape, axes) = ([frames] + shape, [areSlices ? .slice : .time] + axes) }
    if description.samples > 1 { (shape, axes) = (shape + [description.samples], axes + [.channel]) }
    let stored = Volume(
      voxels: voxels, shape: shape, axes: axes, geometry: placement,
      source: Self.source(dataSet, description, dicom.transferSyntax, frames: frames))
    volume = DicomScaling(dataSet).applied(to: stored, frames: frames)
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
      PixelOrder.dropUnusedBits(&values, type: description.elementType, bitsStored: description.bitsStored)
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
    source.isLossy = syntax.isLossy || dataSet.text(.lossyCompression) == "01"
    return source
  }
}

/// What stored values mean: slope and intercept, of the whole image or of each frame (PS3.3, C.7.6.16.2.9 and C.11.1).
struct DicomScaling: Sendable {
  private var perFrame: [(slope: Double, intercept: Double)] = []

  init(_ dataSet: DicomDataSet) {
    let frames = dataSet.items(.perFrameGroups).compactMap { $0.items(.pixelValueTransformation).first }
    let shared = dataSet.items(.sharedGroups).first?.items(.pixelValueTransformation).first
    perFrame = (frames.isEmpty ? [shared ?? dataSet] : frames).map(Self.scaling)
  }

  private static func scaling(_ dataSet: DicomDataSet) -> (slope: Double, intercept: Double) {
    let slope = dataSet.numbers(.rescaleSlope).first ?? dataSet.numbers(.doseGridScaling).first ?? 1
    let intercept = dataSet.numbers(.rescaleIntercept).first ?? 0
    return slope.isFinite && slope != 0 && intercept.isFinite ? (slope, intercept) : (1, 0)
  }

  /// The volume with its slope and intercept; where frames differ in them, with the values already scaled, as float32.
  func applied(to volume: Volume, frames: Int) -> Volume {
    var scaled = volume
    let isUniform = perFrame.allSatisfy { $0 == perFrame[0] }
    guard !isUniform, perFrame.count == frames else {
      (scaled.slope, scaled.intercept) = perFrame[0]
      return scaled
    }
    let length = volume.voxels.count / frames
    let values = perFrame.enumerated().flatMap { index, scaling in
      volume.voxels.slice(start: index * length, length: length)
        .floats(slope: scaling.slope, intercept: scaling.intercept)
    }
    scaled.voxels = Voxels(floats: values)
    return scaled
  }
}
