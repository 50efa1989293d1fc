import MedicalImaging
import StudyProtocol

/// Checks that the DICOM files of one record belong together. Compares the patient, the source images and the
/// frame of reference that they state.
///
/// Geometry alone does not show that a mask belongs to an image: scanners repeat their protocols. Attributes
/// that a file does not state are not compared.
///
/// 1. All files must state one patient.
/// 2. A segmentation must name the record's images as its source. A segmentation that names other images is
///    accepted only if it shares the frame of reference and the examination of an image: it was then drawn on
///    another sequence.
/// 3. A segmentation must share the frame of reference of an image.
///
/// If a file states that it was de-identified, a violation of rule 2 or 3 is only a warning: such files have
/// new UIDs, which do not always agree. A violation of rule 1 is then a warning too if the segmentation still
/// names the images as its source.
struct ImageTie {
  let element: CommonDataElement
  let record: Record
  /// The provenance of those images of the record that have been read already.
  let images: [ImageProvenance]

  /// - Returns: A warning if files were de-identified and cannot be compared.
  /// - Throws: `ImageFault` with the rule `.patient` if the file contradicts the record's images.
  func check(_ source: ImageSource) throws(ImageFault) -> ImageFault? {
    guard let own = source.provenance, !images.isEmpty else { return nil }
    let isDeidentified = own.isDeidentified || images.contains(where: \.isDeidentified)
    let namesImages = source.isSegmentation && images.contains { Self.isSource($0, of: own) == true }
    if let fault = otherPatient(own) {
      guard isDeidentified, namesImages else { throw fault }
      return fault.asWarning(
        "it states another patient (0010,0020) than the image that it names as its source; give both files of a "
          + "de-identified pair the same pseudonym")
    }
    guard source.isSegmentation, let fault = otherSource(own) ?? otherFrame(own) else { return nil }
    guard isDeidentified else { throw fault }
    return fault.asWarning(
      "\(fault.message); the files were de-identified (0012,0062), which may have replaced the UIDs, so look at some to "
        + "check that each mask lies on its own image")
  }

  private func otherPatient(_ own: ImageProvenance) -> ImageFault? {
    guard let patient = own.patient,
      let other = images.compactMap(\.patient).first(where: { !Self.isSame($0, patient) })
    else { return nil }
    return ImageFault(
      .patient,
      "it is of another patient (0010,0020) than the record's image; correct the table, or the pattern under "
        + "elements.\(element.name) of the site file", element, in: record, values: [patient, other])
  }

  private func otherSource(_ own: ImageProvenance) -> ImageFault? {
    let answers = images.map { Self.isSource($0, of: own) }
    guard !answers.contains(true), answers.contains(false),
      !images.contains(where: { Self.areOfOneExamination($0, own) })
    else { return nil }
    return ImageFault(
      .patient,
      "the segmentation names other images than the record's as its source (0008,1115); name the image on which it was "
        + "drawn, or correct the pattern under elements.\(element.name) of the site file", element,
      in: record,
      values: own.sourceSeries.sorted() + images.flatMap { $0.series.sorted() })
  }

  private func otherFrame(_ own: ImageProvenance) -> ImageFault? {
    guard let frame = own.frameOfReference else { return nil }
    let others = images.compactMap(\.frameOfReference)
    guard !others.isEmpty, !others.contains(frame) else { return nil }
    return ImageFault(
      .patient,
      "the segmentation lies in another frame of reference (0020,0052) than the image, so that equal positions are not "
        + "equal places; name the segmentation of this image", element, in: record, values: [frame] + others)
  }

  /// Whether a segmentation names the image's files or series as its source; `nil` if the files do not state
  /// enough to tell.
  private static func isSource(_ image: ImageProvenance, of own: ImageProvenance) -> Bool? {
    let hasInstances = !own.sourceInstances.isEmpty && !image.instances.isEmpty
    let hasSeries = !own.sourceSeries.isEmpty && !image.series.isEmpty
    guard hasInstances || hasSeries else { return nil }
    return !own.sourceInstances.isDisjoint(with: image.instances)
      || !own.sourceSeries.isDisjoint(with: image.series)
  }

  private static func areOfOneExamination(_ image: ImageProvenance, _ own: ImageProvenance) -> Bool {
    guard let frame = own.frameOfReference, frame == image.frameOfReference else { return false }
    guard let examination = own.examination, let other = image.examination else { return true }
    return examination == other
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    one.lowercased() == other.lowercased()
  }
}
