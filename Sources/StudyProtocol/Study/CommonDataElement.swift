/// One common data element (CDE): what every site must supply, however its own files and columns are called.
public struct CommonDataElement: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// An image file or array.
    case image
    /// An image of class codes, of the same size as the image it belongs to.
    case mask
    /// One of the permissible values.
    case category
    /// A number in the stated unit and range.
    case number
    /// A name for a patient, a lesion or the like; never trained on, never sent.
    case identifier
  }

  /// What the study does with the element; an element without a role is checked and otherwise left alone.
  public enum Role: String, Codable, Sendable, CaseIterable {
    /// The model sees it.
    case input
    /// The model predicts it.
    case target
    /// Records of one group (a patient) are never in two parts of a split, and are resampled together.
    case group
    /// Survival: whether the event was seen; a category of two values, the second of which is the event.
    case event
    /// Survival: the time to the event or to the end of follow-up.
    case time
    /// Says which part of the split a record belongs to.
    case part
  }

  /// A code that the data hold and what it means.
  public struct PermissibleValue: Codable, Sendable, Equatable {
    public var code: String
    public var label: String

    public init(code: String, label: String) {
      self.code = code
      self.label = label
    }
  }

  public var name: String
  public var kind: Kind
  public var role: Role?
  /// An image's modality in DICOM's terms, for example `MR`.
  public var modality: String?
  /// 2 or 3, of what the model sees: a study that takes slices of volumes has images of 2 dimensions. Images and masks only.
  public var dimensions: Int?
  /// An image's channels.
  public var channels: Int?
  /// The value of voxels that were not measured (not a number in the file); `nil` refuses such files. Images
  /// only.
  public var missingVoxels: Double?
  /// The permissible values of a category or a mask, numbers ascending before texts; the position is the class index.
  public var values: [PermissibleValue]
  /// A number's unit, in words or UCUM.
  public var unit: String?
  /// The permissible range of a number, both ends included.
  public var range: ClosedRange<Double>?
  /// Whether every record must have it.
  public var required: Bool

  public init(
    name: String, kind: Kind, role: Role? = nil, modality: String? = nil, dimensions: Int? = nil,
    channels: Int? = nil, missingVoxels: Double? = nil, values: [PermissibleValue] = [], unit: String? = nil,
    range: ClosedRange<Double>? = nil, required: Bool = true
  ) {
    self.missingVoxels = missingVoxels
    self.name = name
    self.kind = kind
    self.role = role
    self.modality = modality
    self.dimensions = dimensions
    self.channels = channels
    self.values = values
    self.unit = unit
    self.range = range
    self.required = required
  }

  private enum CodingKeys: String, CodingKey {
    case name, kind, role, modality, dimensions, channels, values, unit, range, required
    case missingVoxels = "missing-voxels"
  }

  /// The class index of a code; nil where the code is not permitted.
  public func index(ofCode code: String) -> Int? { values.firstIndex { $0.code == code } }
}
