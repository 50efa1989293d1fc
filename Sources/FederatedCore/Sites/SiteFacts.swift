/// Facts about a site's data: counts, sizes and ranges, for the site's own terminal. They never leave the
/// site.
public struct SiteFacts: Sendable, Codable, Equatable {
  /// The number of records with a property, such as a size.
  public struct Count: Sendable, Codable, Equatable {
    public var text: String
    public var records: Int

    public init(_ text: String, records: Int) {
      self.text = text
      self.records = records
    }
  }

  /// A range of numbers: the lowest and the highest.
  public struct Range: Sendable, Codable, Equatable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
      self.low = low
      self.high = high
    }
  }

  /// A range of days: the first and the last, as `YYYY-MM-DD`.
  public struct Days: Sendable, Codable, Equatable {
    public var first: String
    public var last: String

    public init(first: String, last: String) {
      self.first = first
      self.last = last
    }
  }

  /// Facts about one element of the study. A list is empty if it does not apply to the element's kind.
  public struct Element: Sendable, Codable, Equatable {
    public var name: String
    /// The kind of the element, as in the study file: `image`, `mask`, `category`, `number` or `identifier`.
    public var kind: String
    /// The number of records that have the element; for images and masks, only those that could be read.
    public var records: Int
    /// For images and masks, the extents along x, y and z as stored, such as `256×256×22`, with the number of
    /// records of each.
    public var sizes: [Count] = []
    /// For images and masks, the spacing along x, y and z, such as `0.9×0.9×6 mm`, or `not stated`.
    public var spacings: [Count] = []
    /// For images and masks, the directions of x, y and z, such as `RAS`, or `not stated`.
    public var orientations: [Count] = []
    /// For a category, the number of records of each class. For masks, the number of records in which each
    /// class occurs, without the first class.
    public var classes: [Count] = []
    /// For masks, the share of pixels or voxels that do not belong to the first class, from 0 to 1.
    public var share: Double?
    /// For images, the lowest and highest intensity; for numbers, the lowest and highest value. `nil` unless
    /// the session was opened with ``OpenSession/showsValues``.
    public var values: Range?
    public var unit: String?
    /// For DICOM images, the days of the examinations; for numbers computed from two dates, the days of these
    /// dates. `nil` unless the session was opened with ``OpenSession/showsValues``.
    public var dates: Days?
    /// Whether the element has dates that are not shown in ``dates``.
    public var hidesDates = false

    public init(name: String, kind: String, records: Int) {
      self.name = name
      self.kind = kind
      self.records = records
    }
  }

  /// The number of rows of the site's table, after its filters.
  public var rows: Int
  /// The number of rows that can be used.
  public var used: Int
  /// The shape of an example as the model sees it: channels, then the spatial axes, slowest axis first. For a
  /// table, the number of columns.
  public var exampleShape: [Int]
  /// The elements in the order of the study.
  public var elements: [Element]

  public init(rows: Int, used: Int, exampleShape: [Int], elements: [Element]) {
    self.rows = rows
    self.used = used
    self.exampleShape = exampleShape
    self.elements = elements
  }

  public var leftOut: Int { rows - used }

  /// The facts without the value ranges of images and numbers, and without dates.
  public func withoutValues() -> Self {
    var facts = self
    for index in facts.elements.indices {
      facts.elements[index].values = nil
      facts.elements[index].hidesDates = facts.elements[index].dates != nil
      facts.elements[index].dates = nil
    }
    return facts
  }
}
