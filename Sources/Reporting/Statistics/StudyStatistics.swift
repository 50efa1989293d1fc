import FederatedCore

/// The federated statistics of a study: for each site, as far as its policy releases them, and for all sites
/// together.
public struct StudyStatistics: Sendable, Codable, Equatable {
  /// A site that was asked for statistics, with the number of patients that it counted.
  public struct Site: Sendable, Codable, Equatable {
    public var site: SiteID
    public var title: String?
    /// The number of counted units; 0 if the site releases nothing.
    public var patients: Int
    /// The minimum number of patients from which any figure of the site is computed.
    public var minimum: Int
    /// The reason why the site releases nothing.
    public var note: String?

    public init(site: SiteID, title: String? = nil, patients: Int, minimum: Int, note: String? = nil) {
      self.site = site
      self.title = title
      self.patients = patients
      self.minimum = minimum
      self.note = note
    }
  }

  /// The bounds of a number of patients. The two bounds are equal if the number is known.
  public struct CountRange: Sendable, Codable, Equatable {
    public var low: Int
    public var high: Int

    public init(_ low: Int, _ high: Int) {
      self.low = low
      self.high = high
    }

    public var isKnown: Bool { low == high }
  }

  public struct Quantile: Sendable, Codable, Equatable {
    /// The share of patients below the quantile, from 0 to 1.
    public var share: Double
    public var value: Double
    /// The lower end of the range that contains the quantile. The range is certain, unless it reaches an end
    /// of the grid.
    public var low: Double
    public var high: Double
    /// The width of the range from `low` to `high`, as a share of the grid's width.
    public var coarseness: Double

    public init(share: Double, value: Double, low: Double, high: Double, coarseness: Double) {
      self.share = share
      self.value = value
      self.low = low
      self.high = high
      self.coarseness = coarseness
    }
  }

  /// The figures of one site, or of all sites together, on one item. A list that does not apply to the item
  /// is empty.
  public struct Figures: Sendable, Codable, Equatable {
    /// The number of counted patients, with or without a value.
    public var patients: Int
    /// The number of patients without a value.
    public var missing = CountRange(0, 0)
    public var mean: Double?
    /// The sample standard deviation, with n − 1 in the denominator.
    public var standardDeviation: Double?
    /// Whether mean and standard deviation are rounded to about half the standard error of the mean.
    public var isRounded = false
    public var quantiles: [Quantile] = []
    /// The number of patients in each class, in the order of ``Item/labels``.
    public var classes: [CountRange] = []
    /// The share of patients, or of an image's pixels, in equal parts of the grid.
    public var histogram: [Double] = []

    public init(patients: Int) { self.patients = patients }
  }

  /// An item with the figures of each site and of all sites together.
  public struct Item: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable { case number, classes, intensity }

    public var title: String
    public var kind: Kind
    public var unit: String?
    /// The names of the classes.
    public var labels: [String]
    /// Whether a patient may be without a value.
    public var canLack: Bool
    /// The ends of the grid; `nil` for classes, or if no site has enough patients for one.
    public var range: StatisticsRange?
    /// The figures by site, in the order of ``StudyStatistics/sites``. The figures of a site that releases
    /// nothing count no patients.
    public var figures: [Figures]
    /// The figures of all sites together; `nil` if no site releases anything.
    public var pooled: Figures?

    public init(
      title: String, kind: Kind, unit: String?, labels: [String], canLack: Bool, range: StatisticsRange?,
      sites: [Figures?], pooled: Figures?
    ) {
      self.title = title
      self.kind = kind
      self.unit = unit
      self.labels = labels
      self.canLack = canLack
      self.range = range
      figures = sites.map { $0 ?? Figures(patients: 0) }
      self.pooled = pooled
    }

    /// The figures by site; `nil` for a site that releases nothing.
    public var sites: [Figures?] { figures.map { $0.patients > 0 ? $0 : nil } }
  }

  public var study: String
  public var title: String
  public var unit: UnitOfAnalysis
  public var sites: [Site]
  public var items: [Item]
  /// The number of items that were left out because the study has too many.
  public var omitted: Int

  public init(
    study: String, title: String, unit: UnitOfAnalysis, sites: [Site], items: [Item], omitted: Int = 0
  ) {
    self.study = study
    self.title = title
    self.unit = unit
    self.sites = sites
    self.items = items
    self.omitted = omitted
  }

  /// The shares of patients for which quantiles are computed.
  public static let shares = [0.05, 0.25, 0.5, 0.75, 0.95]
  /// The number of equal parts of a histogram.
  public static let parts = 32
  /// The maximum coarseness of a quantile that is shown without a mark; see ``Quantile/coarseness``.
  public static let fine = 0.01
}
