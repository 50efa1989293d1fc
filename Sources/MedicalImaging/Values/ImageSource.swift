/// What a file said of its image beside voxels and geometry; nothing of the patient but ``provenance``.
public struct ImageSource: Sendable, Hashable {
  /// The format, such as `DICOM` or `NIfTI-1`.
  public var format: String
  /// How the values were packed, such as `big-endian, gzip`; nil where a format knows one way only.
  public var encoding: String?
  /// DICOM's photometric interpretation as stated, such as `MONOCHROME2`.
  public var photometric: String?
  /// DICOM's transfer syntax UID.
  public var transferSyntax: String?
  /// DICOM's SOP class UID.
  public var sopClass: String?
  /// DICOM's modality, such as `CT`.
  public var modality: String?
  /// Number of frames, where a format knows frames.
  public var frames: Int?
  /// The number of images of each slice, if a file holds several, such as time points or echoes.
  public var imagesPerSlice: Int?
  /// Bits of a stored value that carry information, where the format states it.
  public var bitsStored: Int?
  /// Files in a series' folder that are not slices, such as reports, with their kinds.
  public var leftAside: [LeftAside] = []
  /// Whether the file has pixels that it states to be padding, which training sees as not measured (NaN).
  public var hasPadding = false
  /// Whether the values went through a lossy compression.
  public var isLossy = false
  /// What ties a DICOM image to its patient and examination; `nil` for other formats.
  public var provenance: ImageProvenance?

  public init(format: String, encoding: String? = nil) { (self.format, self.encoding) = (format, encoding) }

  /// A file next to an image that is not part of it.
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
