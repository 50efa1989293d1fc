/// A common data element (CDE): a piece of data that every site must supply, whatever its own files and
/// columns are called.
public struct CommonDataElement: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// An image file or array.
    case image
    /// An image whose values are class codes, with the same size as the image that it describes.
    case mask
    /// A category: one of the permissible values.
    case category
    /// A number in the stated unit and range.
    case number
    /// A name for a patient, a lesion or the like. Identifiers are never sent, and models never see them.
    case identifier
  }

  /// The use of the element in the study; an element without a role is only checked.
  public enum Role: String, Codable, Sendable, CaseIterable {
    /// An input of the model.
    case input
    /// The model's target.
    case target
    /// Keeps records of one group (a patient) in the same set of a split, and resamples them together.
    case group
    /// In survival studies, whether the event was observed: a category with two values, of which the second
    /// is the event.
    case event
    /// In survival studies, the time to the event or to the end of follow-up.
    case time
    /// Assigns each record to a set of the split.
    case part
  }

  /// A code in the data, and its meaning.
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
  /// The modality of an image, as a DICOM code such as `MR`.
  public var modality: String?
  /// The number of dimensions (2 or 3) of images and masks as the model sees them: 2 in a study that takes
  /// slices of volumes.
  public var dimensions: Int?
  /// The number of channels of an image.
  public var channels: Int?
  /// For images, the value of voxels that were not measured (not a number in the file); `nil` refuses such
  /// files.
  public var missingVoxels: Double?
  /// The permissible values of a category or a mask, numbers ascending before texts; the index of a value is
  /// its class index.
  public var values: [PermissibleValue]
  /// The unit of a number, in words or UCUM.
  public var unit: String?
  /// The permissible range of a number, including its ends.
  public var range: ClosedRange<Double>?
  /// Whether every record must have a value.
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

  /// The class index of a code; `nil` if the code is not permitted.
  public func index(ofCode code: String) -> Int? { values.firstIndex { $0.code == code } }
}
