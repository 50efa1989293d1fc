/// A site's answer to a question for statistics.
///
/// The engine's answer holds ``own``, the place of every patient. A gate makes the released answer from it:
/// the rest of the properties, each a number of at least the site's minimum of patients.
public struct SiteStatistics: Sendable, Codable, Equatable {
  /// The patients that are counted; 0 if the site has too few to release anything.
  public var patients = 0
  /// The fewest patients in a cell.
  public var minimum = 1
  /// In the order of the study; empty if nothing is released.
  public var items: [ItemStatistics] = []
  /// `nil` in all that has passed a gate.
  public var own: PatientMeasurements?

  public init(own: PatientMeasurements? = nil) { self.own = own }

  public init(patients: Int, minimum: Int, items: [ItemStatistics]) {
    self.patients = patients
    self.minimum = minimum
    self.items = items
  }
}

/// A site's statistics of one item.
public struct ItemStatistics: Sendable, Codable, Equatable {
  /// Where most values of an item with a grid lie; the whole answer to ``StatisticsQuestion/ranges``.
  public var range: StatisticsRange?
  /// The answer to ``StatisticsQuestion/counts(_:)``, except for intensities.
  public var cells: StatisticsCells?
  /// Of numbers, over the patients that have one.
  public var moments: Moments?
  /// Whether the moments are rounded, and their count includes fewer than the minimum of patients without a
  /// value.
  public var areMomentsRounded = false
  /// Of intensities: the cell of each bin, and the share of the voxels of each cell, as a mean over patients.
  public var profile: StatisticsProfile?

  public init(
    range: StatisticsRange? = nil, cells: StatisticsCells? = nil, moments: Moments? = nil,
    areMomentsRounded: Bool = false, profile: StatisticsProfile? = nil
  ) {
    self.range = range
    self.cells = cells
    self.moments = moments
    self.areMomentsRounded = areMomentsRounded
    self.profile = profile
  }
}

/// Shares of voxels by intensity.
public struct StatisticsProfile: Sendable, Codable, Equatable {
  /// The cell of each bin.
  public var cellOfBin: [Int]
  /// The share of each cell, as a mean over the patients; they add up to 1.
  public var shares: [Double]

  public init(cellOfBin: [Int], shares: [Double]) {
    self.cellOfBin = cellOfBin
    self.shares = shares
  }
}

/// The place of each of a site's patients in the bins of the items. It never leaves the site.
///
/// A patient with several records has one place in each item, so that no patient is counted twice.
public struct PatientMeasurements: Sendable, Codable, Equatable {
  /// The members of a ``PatientSet``, in the order of all lists here.
  public var members: [UInt64]
  /// In the order of the study.
  public var items: [Item]

  /// The patients' places in one item.
  public struct Item: Sendable, Codable, Equatable {
    /// The number of bins or classes; 0 in the answer to a question for ranges.
    public var bins: Int
    /// Whether neighbouring bins are alike: bins of numbers are, classes are not.
    public var isOrdered: Bool
    /// Whether the study lets a patient lack a value.
    public var canLack: Bool
    /// The bin of each patient; -1 without a value. Empty if the item has profiles.
    public var places: [Int]
    /// Of the patients' numbers.
    public var moments: Moments?
    /// How much of the moments is one patient's, or few patients'; see ``Moments/dominance(of:minimum:)``.
    public var dominance: Double
    public var range: StatisticsRange?
    /// Of each patient, the share of voxels in each bin; empty unless the item is an image's intensities.
    public var profiles: [[Float]]

    public init(
      bins: Int, isOrdered: Bool, canLack: Bool, places: [Int], moments: Moments? = nil,
      dominance: Double = 0, range: StatisticsRange? = nil, profiles: [[Float]] = []
    ) {
      self.bins = bins
      self.isOrdered = isOrdered
      self.canLack = canLack
      self.places = places
      self.moments = moments
      self.dominance = dominance
      self.range = range
      self.profiles = profiles
    }
  }

  public init(members: [UInt64], items: [Item]) {
    self.members = members
    self.items = items
  }
}
