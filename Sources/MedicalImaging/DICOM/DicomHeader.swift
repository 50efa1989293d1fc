/// The header of a DICOM image, without its pixels: the facts that are needed to place it in a series.
struct DicomHeader: Sendable {
  let path: String
  let description: PixelDescription
  let geometry: DicomGeometry
  let modality: String?
  let sopClass: String?
  /// The attributes that distinguish several images of a series at the same position, with their values.
  let marks: [DicomTag: String]
  /// The attributes that all files of a series share, such as patient and frame of reference, with their
  /// values.
  let identity: [DicomTag: String]
  let imageType: [String]
  /// The number of slices of a mosaic, from Siemens' private attribute; 1 for other images.
  let tiles: Int

  init(_ dataSet: DicomDataSet, _ description: PixelDescription, frames: Int, path: String) throws(ImageError)
  {
    self.path = path
    self.description = description
    geometry = try DicomGeometry(dataSet, frames: frames)
    modality = dataSet.text(.modality)
    sopClass = dataSet.text(.sopClass)
    imageType = dataSet.texts(.imageType)
    marks = Self.values(dataSet, SeriesMark.all)
    identity = Self.values(
      dataSet, [.patient, .studyInstance, .seriesInstance, .modality, .frameOfReference])
    tiles = Self.tiles(dataSet)
  }

  private static func values(_ dataSet: DicomDataSet, _ tags: [DicomTag]) -> [DicomTag: String] {
    var values: [DicomTag: String] = [:]
    for tag in tags {
      let text =
        tag == .diffusionWeight
        ? dataSet.numbers(tag).first.map { "\($0)" } : dataSet.texts(tag).joined(separator: "\\")
      if let text, !text.isEmpty { values[tag] = text }
    }
    return values
  }

  /// The classes of segmentations: Segmentation Storage and Label Map Segmentation Storage.
  static let segmentations: Set = ["1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"]

  var isSegmentation: Bool { Self.segmentations.contains(sopClass ?? "") }

  /// Whether the image type marks a scout view.
  var isLocalizer: Bool { imageType.contains("LOCALIZER") }

  /// Whether the picture is a mosaic of all slices, as in Siemens' functional and diffusion MR.
  var isMosaic: Bool { imageType.contains("MOSAIC") || tiles > 1 }

  /// The number of slices of a mosaic, from element 0A of Siemens' private block in group 0019; 1 if it is
  /// absent.
  private static func tiles(_ dataSet: DicomDataSet) -> Int {
    for block in UInt16(0x10)...0xFF where dataSet.text(DicomTag(0x0019, block)) == "SIEMENS MR HEADER" {
      let tag = DicomTag(0x0019, block << 8 | 0x0A)
      if dataSet[tag]?.vr == "US" { return dataSet.integer(tag) ?? 1 }
      return dataSet.words(tag).first.map(Int.init) ?? 1
    }
    return 1
  }
}

/// Attributes that distinguish kinds of images in one series.
enum SeriesMark {
  /// Attributes that distinguish several images at one position, the most meaningful ones first.
  static let all: [DicomTag] =
    contrast + [
      .temporalPosition, .triggerTime, .inversionTime, .flipAngle, .imageType, .acquisition, .acquisitionTime,
      .contentTime,
    ]

  /// Attributes that must be equal in all slices of a volume. Otherwise the volume would mix images of
  /// different contrast.
  static let contrast: [DicomTag] = [.echoTime, .echoNumber, .diffusionWeight, .kernel]
}
