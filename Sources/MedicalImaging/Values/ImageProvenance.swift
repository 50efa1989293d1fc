/// The facts that connect an image with a patient, an examination and a coordinate system in the patient.
/// DICOM files state them; other formats do not.
///
/// These facts identify a patient. They are compared in memory, and never printed or sent without the site's
/// consent.
public struct ImageProvenance: Sendable, Hashable {
  /// The patient's identifier (0010,0020); `nil` if the file states none.
  public var patient: String?
  /// The study instance UID (0020,000D).
  public var examination: String?
  /// The UID of the frame of reference (0020,0052): the coordinate system in which positions are stated.
  public var frameOfReference: String?
  /// The series instance UIDs of the image's files.
  public var series: Set<String> = []
  /// The SOP instance UIDs of the image's files.
  public var instances: Set<String> = []
  /// For a segmentation, the series instance UIDs of its source images, on which it was drawn.
  public var sourceSeries: Set<String> = []
  /// For a segmentation, the SOP instance UIDs of its source images, on which it was drawn.
  public var sourceInstances: Set<String> = []
  /// Whether the file states that the patient's identity was removed (0012,0062), or states the method of
  /// removal.
  public var isDeidentified = false
  /// The first and last day of the examination, as `YYYY-MM-DD`; `nil` if no date is stated or readable.
  public var days: ClosedRange<String>?

  public init() {}

  /// The provenance of a series: the provenance of its first file, with the UIDs and days of all files.
  init(joining files: [ImageProvenance]) {
    self = files.first ?? Self()
    for file in files.dropFirst() {
      series.formUnion(file.series)
      instances.formUnion(file.instances)
      sourceSeries.formUnion(file.sourceSeries)
      sourceInstances.formUnion(file.sourceInstances)
      isDeidentified = isDeidentified || file.isDeidentified
    }
    let stated = files.compactMap(\.days)
    if let first = stated.map(\.lowerBound).min(), let last = stated.map(\.upperBound).max() {
      days = first...last
    }
  }
}
