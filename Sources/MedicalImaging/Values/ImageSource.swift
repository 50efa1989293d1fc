/// Facts that a file states about its image, other than voxels and geometry. Only ``provenance`` concerns the
/// patient.
public struct ImageSource: Sendable, Hashable {
  /// The format, such as `DICOM` or `NIfTI-1`.
  public var format: String
  /// The way in which the file packs its values, such as `big-endian, gzip`; `nil` if the format has only one
  /// way.
  public var encoding: String?
  /// DICOM's photometric interpretation as stated, such as `MONOCHROME2`.
  public var photometric: String?
  /// DICOM's transfer syntax UID.
  public var transferSyntax: String?
  /// DICOM's SOP class UID.
  public var sopClass: String?
  /// DICOM's modality, such as `CT`.
  public var modality: String?
  /// The number of frames (images in one file), if the format has frames.
  public var frames: Int?
  /// The number of images per slice, such as time points or echoes; `nil` if there is only one.
  public var imagesPerSlice: Int?
  /// The number of bits of a stored value that carry information, if the format states it.
  public var bitsStored: Int?
  /// Files in a series' folder that are not slices, such as reports, with their kinds.
  public var leftAside: [LeftAside] = []
  /// Whether the file marks some of its pixels as padding. Training treats these pixels as not measured
  /// (NaN).
  public var hasPadding = false
  /// Whether the values went through a lossy compression.
  public var isLossy = false
  /// The facts that connect a DICOM image with its patient and examination; `nil` for other formats.
  public var provenance: ImageProvenance?

  public init(format: String, encoding: String? = nil) {
    self.format = format
    self.encoding = encoding
  }

  /// A file that is in an image's folder but not part of the image.
  public struct LeftAside: Sendable, Hashable, Codable {
    public var file: String
    /// The kind of file, such as `a presentation state (PR)`.
    public var kind: String

    public init(file: String, kind: String) {
      self.file = file
      self.kind = kind
    }
  }
}
