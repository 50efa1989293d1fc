import MedicalImaging
import StudyProtocol

extension RecordDecoder {
  /// The image with as many spatial axes as the study declares.
  ///
  /// In a study of pictures, a volume of one slice is read as a picture, since some programs write pictures
  /// this way. A study with a `slices` step reads both volumes and pictures.
  /// - Throws: ``ImageFault`` if the image has a different number of axes.
  static func withDeclaredAxes(
    _ image: FloatImage, _ element: CommonDataElement, of study: Study, in record: Record
  ) throws(ImageFault) -> FloatImage {
    let dimensions = study.inputs.first { $0.kind == .image }?.dimensions ?? 2
    let takesSlices = study.preprocessing.contains { if case .slices = $0 { true } else { false } }
    switch (dimensions, image.isVolume) {
    case (3, false):
      throw ImageFault(
        .size,
        "the study declares 3 dimensions and the file has 2; give volumes, or declare `dimensions: 2`",
        element, in: record)
    case (3, true) where image.size.contains(1):
      throw ImageFault(
        .size,
        "the study declares 3 dimensions and the file has one slice; give volumes, or declare `dimensions: 2`",
        element, in: record)
    case (2, true) where !takesSlices:
      guard let axis = image.size.firstIndex(of: 1) else {
        throw ImageFault(
          .size,
          "the study declares 2 dimensions and the file has 3 (\(image.size[0]) slices); "
            + "add {slices: {axis: z}} to preprocessing, or declare `dimensions: 3`", element, in: record)
      }
      return image.withSlices(along: [.z, .y, .x][axis]).slice(0)
    default: return image
    }
  }
}
