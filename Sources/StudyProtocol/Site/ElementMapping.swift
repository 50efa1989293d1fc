/// The source of one element of the study in a site's own data.
public struct ElementMapping: Codable, Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// The element's value is the text of a column.
    case column(String)
    /// The element's value is a file. A pattern states its path relative to the site's data folder. In the
    /// pattern, `{column}` stands for the text of that column.
    case file(String)
    /// The element's value is an item of an array in an npz file. The array's name is a pattern such as
    /// `{part}_images`; the row's `index` selects the item.
    case npz(file: String, array: String)
    /// The element's value is the time from the date in one column to the date in a second column.
    case duration(from: String, to: String, unit: DurationUnit)
  }

  public var source: Source
  /// Maps the site's codes to the study's; unlisted codes stay as they are. For masks, the codes are voxel
  /// values.
  public var values: [String: String]
  /// Further texts that mean "missing" in this column.
  public var missing: [String]
  /// The factor that converts the site's numbers to the study's unit: the site's number times `scale`, plus
  /// `offset`.
  public var scale: Double
  public var offset: Double
  /// The value of voxels that were not measured (NaN in the file); `nil` uses the study's value.
  public var missingVoxels: Double?
  /// The format of this element's numbers and dates, if it differs from the rest of the table.
  public var format: ValueFormat
  /// The meaning of values such as `< 0.5`; `nil` refuses them.
  public var below: CensoredValue?
  /// The meaning of values such as `> 500` (the limit, or missing); `nil` refuses them.
  public var above: CensoredValue?

  public init(
    source: Source, values: [String: String] = [:], missing: [String] = [], scale: Double = 1,
    offset: Double = 0, missingVoxels: Double? = nil, format: ValueFormat = ValueFormat(),
    below: CensoredValue? = nil,
    above: CensoredValue? = nil
  ) {
    self.source = source
    self.values = values
    self.missing = missing
    self.scale = scale
    self.offset = offset
    self.missingVoxels = missingVoxels
    self.format = format
    self.below = below
    self.above = above
  }
}

extension ElementMapping {
  private enum CodingKeys: String, CodingKey {
    case column, file, npz, array, values, missing, scale, offset, below, above, missingVoxels
    case days = "days-between"
    case months = "months-between"
    case years = "years-between"

    static func duration(_ unit: DurationUnit) -> Self {
      switch unit {
      case .days: .days
      case .months: .months
      case .years: .years
      }
    }
  }

  private static func duration(from box: KeyedDecodingContainer<CodingKeys>) throws -> Source? {
    for unit in DurationUnit.allCases {
      guard let columns = try box.decodeIfPresent([String].self, forKey: .duration(unit)) else {
        continue
      }
      guard columns.count == 2 else {
        throw DecodingError.dataCorruptedError(
          forKey: .duration(unit), in: box, debugDescription: "expected two columns")
      }
      return .duration(from: columns[0], to: columns[1], unit: unit)
    }
    return nil
  }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    if let npz = try box.decodeIfPresent(String.self, forKey: .npz) {
      source = .npz(file: npz, array: try box.decode(String.self, forKey: .array))
    } else if let pattern = try box.decodeIfPresent(String.self, forKey: .file) {
      source = .file(pattern)
    } else if let duration = try Self.duration(from: box) {
      source = duration
    } else {
      source = .column(try box.decode(String.self, forKey: .column))
    }
    values = try box.decode([String: String].self, forKey: .values)
    missing = try box.decode([String].self, forKey: .missing)
    scale = try box.decode(Double.self, forKey: .scale)
    offset = try box.decode(Double.self, forKey: .offset)
    missingVoxels = try box.decodeIfPresent(Double.self, forKey: .missingVoxels)
    format = try ValueFormat(from: decoder)
    below = try box.decodeIfPresent(CensoredValue.self, forKey: .below)
    above = try box.decodeIfPresent(CensoredValue.self, forKey: .above)
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: CodingKeys.self)
    switch source {
    case .column(let column): try box.encode(column, forKey: .column)
    case .file(let pattern): try box.encode(pattern, forKey: .file)
    case .npz(let file, let array):
      try box.encode(file, forKey: .npz)
      try box.encode(array, forKey: .array)
    case .duration(let start, let end, let unit):
      try box.encode([start, end], forKey: .duration(unit))
    }
    try box.encode(values, forKey: .values)
    try box.encode(missing, forKey: .missing)
    try box.encode(scale, forKey: .scale)
    try box.encode(offset, forKey: .offset)
    try box.encodeIfPresent(missingVoxels, forKey: .missingVoxels)
    try format.encode(to: encoder)
    try box.encodeIfPresent(below, forKey: .below)
    try box.encodeIfPresent(above, forKey: .above)
  }
}
