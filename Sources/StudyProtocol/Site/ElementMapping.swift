/// How one element of the study is found in a site's own data.
public struct ElementMapping: Codable, Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// The text of a column.
    case column(String)
    /// A file by a pattern in which `{column}` stands for the text of a column, relative to the site's data folder.
    case file(String)
    /// An item of an array of an npz file, by a pattern for the array's name such as `{part}_images`; the row's `index` says
    /// which.
    case npz(file: String, array: String)
  }

  public var source: Source
  /// From the site's codes to the study's; codes that are not listed stay as they are. For masks these are voxel values.
  public var values: [String: String]
  /// Further texts that mean "missing" in this column.
  public var missing: [String]
  /// The study's unit is the local number times `scale` plus `offset`.
  public var scale: Double
  public var offset: Double
  /// An image's value where none was measured (not a number in the file); `nil` leaves it to the study.
  public var missingVoxels: Double?

  public init(
    source: Source, values: [String: String] = [:], missing: [String] = [], scale: Double = 1,
    offset: Double = 0, missingVoxels: Double? = nil
  ) {
    self.missingVoxels = missingVoxels
    (self.source, self.values, self.missing) = (source, values, missing)
    (self.scale, self.offset) = (scale, offset)
  }
}

extension ElementMapping {
  private enum CodingKeys: String, CodingKey {
    case column, file, npz, array, values, missing, scale, offset, missingVoxels
  }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    if let npz = try box.decodeIfPresent(String.self, forKey: .npz) {
      source = .npz(file: npz, array: try box.decode(String.self, forKey: .array))
    } else if let pattern = try box.decodeIfPresent(String.self, forKey: .file) {
      source = .file(pattern)
    } else {
      source = .column(try box.decode(String.self, forKey: .column))
    }
    values = try box.decode([String: String].self, forKey: .values)
    missing = try box.decode([String].self, forKey: .missing)
    scale = try box.decode(Double.self, forKey: .scale)
    offset = try box.decode(Double.self, forKey: .offset)
    missingVoxels = try box.decodeIfPresent(Double.self, forKey: .missingVoxels)
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: CodingKeys.self)
    switch source {
    case .column(let column): try box.encode(column, forKey: .column)
    case .file(let pattern): try box.encode(pattern, forKey: .file)
    case .npz(let file, let array):
      try box.encode(file, forKey: .npz)
      try box.encode(array, forKey: .array)
    }
    try box.encode(values, forKey: .values)
    try box.encode(missing, forKey: .missing)
    try box.encode(scale, forKey: .scale)
    try box.encode(offset, forKey: .offset)
    try box.encodeIfPresent(missingVoxels, forKey: .missingVoxels)
  }
}
