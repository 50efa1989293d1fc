/// The source of the rows of a site's records, and the columns derived from other columns.
public struct SiteTable: Codable, Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// The table is a delimited text file (RFC 4180). `columns` names the columns of a file without a header
    /// line.
    case csv(file: String, columns: [String]?, delimiter: String?)
    /// The table has one row per file that matches a pattern such as `images/*/*.png`. Its columns are `file`
    /// (its path), `name` (without extension) and `folder` (the name of its folder).
    case files(pattern: String)
    /// The table has one row per item of the arrays in an npz file. Its columns are `part` (a name from
    /// `parts`) and `index` (counted from 0).
    ///
    /// The number of items is the first dimension of the part's arrays. The elements' mappings name these
    /// arrays.
    case npz(file: String, parts: [String])
  }

  /// A column computed from a different column.
  public struct DerivedColumn: Codable, Sendable, Equatable {
    public var name: String
    public var from: String
    /// The positions of the characters to take from the text, counted from 1.
    public var characters: ClosedRange<Int>?
    /// The table in which the text is looked up. A text that the table does not contain yields an empty text.
    public var lookup: Lookup?

    public init(name: String, from: String, characters: ClosedRange<Int>? = nil, lookup: Lookup? = nil) {
      self.name = name
      self.from = from
      self.characters = characters
      self.lookup = lookup
    }
  }

  /// A lookup table: its file and the columns of key and value.
  public struct Lookup: Codable, Sendable, Equatable {
    public var file: String
    public var key: String
    public var value: String
    /// The encoding of the file; `nil` for the encoding of the main table.
    public var encoding: TableEncoding?

    public init(file: String, key: String, value: String, encoding: TableEncoding? = nil) {
      self.file = file
      self.key = key
      self.value = value
      self.encoding = encoding
    }
  }

  public var source: Source
  /// The texts that mean "missing" in every column, in addition to the empty text.
  public var missing: [String]
  /// The derived columns, in order; a column may use earlier columns.
  public var derive: [DerivedColumn]
  /// The encoding of a text file; `nil` for UTF-8.
  public var encoding: TableEncoding?
  /// The format of numbers and dates, unless an element sets its own.
  public var format: ValueFormat

  public init(
    source: Source, missing: [String] = [], derive: [DerivedColumn] = [],
    encoding: TableEncoding? = nil,
    format: ValueFormat = ValueFormat()
  ) {
    self.source = source
    self.missing = missing
    self.derive = derive
    self.encoding = encoding
    self.format = format
  }
}

extension SiteTable {
  private enum CodingKeys: String, CodingKey {
    case file, columns, delimiter, files, npz, parts, missing, derive, encoding
  }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    if let npz = try box.decodeIfPresent(String.self, forKey: .npz) {
      source = .npz(file: npz, parts: try box.decode([String].self, forKey: .parts))
    } else if let pattern = try box.decodeIfPresent(String.self, forKey: .files) {
      source = .files(pattern: pattern)
    } else {
      source = .csv(
        file: try box.decode(String.self, forKey: .file),
        columns: try box.decodeIfPresent([String].self, forKey: .columns),
        delimiter: try box.decodeIfPresent(String.self, forKey: .delimiter))
    }
    missing = try box.decode([String].self, forKey: .missing)
    derive = try box.decode([DerivedColumn].self, forKey: .derive)
    encoding = try box.decodeIfPresent(TableEncoding.self, forKey: .encoding)
    format = try ValueFormat(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: CodingKeys.self)
    switch source {
    case .csv(let file, let columns, let delimiter):
      try box.encode(file, forKey: .file)
      try box.encodeIfPresent(columns, forKey: .columns)
      try box.encodeIfPresent(delimiter, forKey: .delimiter)
    case .files(let pattern): try box.encode(pattern, forKey: .files)
    case .npz(let file, let parts):
      try box.encode(file, forKey: .npz)
      try box.encode(parts, forKey: .parts)
    }
    try box.encode(missing, forKey: .missing)
    try box.encode(derive, forKey: .derive)
    try box.encodeIfPresent(encoding, forKey: .encoding)
    try format.encode(to: encoder)
  }
}
