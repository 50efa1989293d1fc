/// A site's answer to a statistics question.
///
/// The engine fills in only ``own``, the bins of every patient. From ``own``, the gate computes the released
/// answer, which consists of all other properties. Each number in them covers at least the site's minimum of
/// patients.
public struct SiteStatistics: Sendable, Codable, Equatable {
  /// The number of patients counted; 0 if the site has too few to release anything.
  public var patients = 0
  /// The minimum number of patients in a cell.
  public var minimum = 1
  /// One element per item of the study, in its order; empty if nothing is released.
  public var items: [ItemStatistics] = []
  /// The bins of every patient; `nil` in everything that has passed a gate.
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
  /// The range of most values, if the item has a grid. This range is the complete answer to
  /// ``StatisticsQuestion/ranges``.
  public var range: StatisticsRange?
  /// The cells that answer ``StatisticsQuestion/counts(_:)``; `nil` for intensities, which have a
  /// ``profile``.
  public var cells: StatisticsCells?
  /// The moments of a numeric item, over the patients with a value.
  public var moments: Moments?
  /// Whether the moments are rounded. Their count then includes the patients without a value, who are fewer
  /// than the minimum.
  public var areMomentsRounded = false
  /// For intensities, the cell of each bin and the share of voxels in each cell, averaged over patients.
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

/// The share of a site's voxels in each cell of intensities.
public struct StatisticsProfile: Sendable, Codable, Equatable {
  /// The cell of each bin.
  public var cellOfBin: [Int]
  /// The share of voxels in each cell, averaged over patients. The shares add up to 1.
  public var shares: [Double]

  public init(cellOfBin: [Int], shares: [Double]) {
    self.cellOfBin = cellOfBin
    self.shares = shares
  }
}

/// The bin of each patient in each item. These bins never leave the site.
///
/// A patient with several records has one bin per item, so no patient is counted twice.
public struct PatientMeasurements: Sendable, Codable, Equatable {
  /// The patients, as the members of a ``PatientSet``. Every list here with one entry per patient has the
  /// same order.
  public var members: [UInt64]
  /// The items, in the order of the study.
  public var items: [Item]
  /// For each patient, the number of the set (training, validation or test) that contains the patient. All
  /// sets whose size the readiness report withheld share one number. Empty if the report stated no sizes.
  public var parts: [Int]

  /// The patients' bins in one item.
  public struct Item: Sendable, Codable, Equatable {
    /// The number of bins or classes; 0 in the answer to a question for ranges.
    public var bins: Int
    /// Whether the bins have an order, as bins of numbers do and classes do not. If a cell has too few
    /// patients and the bins have an order, the cell is joined with a neighbour.
    public var isOrdered: Bool
    /// Whether the study permits a patient without a value.
    public var canLack: Bool
    /// The bin of each patient, or -1 without a value. Empty if the item has profiles.
    public var places: [Int]
    /// The moments of the patients' numbers.
    public var moments: Moments?
    /// How strongly one patient or a few patients dominate the moments; see
    /// ``Moments/dominance(of:minimum:)``.
    public var dominance: Double
    public var range: StatisticsRange?
    /// For each patient, the share of voxels in each bin. Empty unless the item is an image's intensities.
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

  public init(members: [UInt64], items: [Item], parts: [Int] = []) {
    self.members = members
    self.items = items
    self.parts = parts
  }
}
