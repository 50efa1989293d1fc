import Foundation

/// A distribution that is known only by the number of patients in each cell, from one or more sites.
///
/// Patients are assumed to be spread evenly within a cell. The lowest and the highest cell of a site reach to
/// the ends of the range. In these two cells the density decreases outwards, at the rate at which it falls
/// from the neighbouring cell.
public struct Distribution: Sendable, Equatable {
  /// A cell with its edges.
  fileprivate struct Piece: Sendable, Equatable {
    var low: Double
    var high: Double
    var patients: Int
    /// The maximum number of the cell's patients who may have no value.
    var doubtful: Int
    /// The rate per unit at which the density grows with the value; 0 for an even density.
    var growth = 0.0
    /// A part of the cell that contains most of its patients; `nil` if only the cell is known.
    var core: StatisticsRange?
    /// The lowest and the highest value in the cell, if each bin stands for a single value; otherwise `nil`.
    var values: StatisticsRange?
    /// Whether the site stopped joining bins at this cell's last bin because the cell then had enough
    /// patients. `false` for the highest cell of a site, to which all remaining bins were added.
    var isClosed = false
  }

  /// A quantile, and the range in which it is certain to lie.
  public struct Quantile: Sendable, Codable, Equatable {
    public var value: Double
    /// The lower end of the range that contains the quantile. If it is the lower end of the lowest cell, the
    /// quantile may be lower still, since the outermost bins also count values beyond the grid.
    public var low: Double
    public var high: Double

    public init(value: Double, low: Double, high: Double) {
      self.value = value
      self.low = low
      self.high = high
    }
  }

  private var pieces: [Piece] = []

  public init() {}

  /// The number of counted patients, a few of whom may have no value; see ``doubtful``.
  public var patients: Int { pieces.reduce(0) { $0 + $1.patients } }

  /// The maximum number of counted patients who may have no value.
  public var doubtful: Int { pieces.reduce(0) { $0 + $1.doubtful } }

  /// Adds the cells of a site.
  ///
  /// - Parameters:
  ///   - grid: The grid of the question.
  ///   - minimum: The site's minimum number of patients.
  ///   - range: The range of the site's values. Fewer than `minimum` patients lie below it, and fewer than
  ///     `minimum` above it.
  ///   - moments: The moments of the values, which show where the patients are if there is only one cell.
  public mutating func add(
    _ cells: StatisticsCells, on grid: StatisticsGrid, minimum: Int, range: StatisticsRange? = nil,
    moments: Moments? = nil
  ) {
    guard cells.fits(bins: grid.bins) else { return }
    var own: [Piece] = []
    for (cell, count) in cells.patients.enumerated() {
      let all = cells.bins(of: cell)
      let bins = all.filter { $0 < grid.bins }
      guard let first = bins.first, let last = bins.last, count > 0 else { continue }
      let doubtful = bins.count < all.count ? min(count, minimum - 1) : 0
      var piece = Piece(
        low: grid.edge(first), high: grid.edge(last + 1), patients: count, doubtful: doubtful)
      if grid.isOfValues { piece.values = .init(low: grid.middle(first), high: grid.middle(last)) }
      own.append(piece)
    }
    own.sort { $0.low < $1.low }
    Self.shapeTails(&own)
    if own.count == 1, let moments { own[0].core = own[0].core(moments) }
    if let range { Self.narrow(&own, to: range, minimum: minimum) }
    if let moments, moments.squares == 0 {
      // All values are the same.
      for index in own.indices { own[index].values = .init(low: moments.mean, high: moments.mean) }
    }
    let width = grid.edge(1) - grid.edge(0)
    pieces += own.flatMap { $0.settled(lastBin: width, minimum: minimum) }
  }

  /// Lets the density of the two outermost cells decrease exponentially towards the ends of the range, at the
  /// rate at which it falls from the neighbouring cell.
  private static func shapeTails(_ pieces: inout [Piece]) {
    guard pieces.count > 1 else { return }
    func rate(_ tail: Piece, _ next: Piece) -> Double {
      log(Double(tail.patients + next.patients) / Double(tail.patients)) / (next.high - next.low)
    }
    let last = pieces.count - 1
    let (rising, falling) = (rate(pieces[0], pieces[1]), rate(pieces[last], pieces[last - 1]))
    pieces[0].growth = rising
    pieces[last].growth = -falling
  }

  /// Divides the lowest and the highest cell into the few patients who may be outside the site's range, and
  /// all other patients.
  private static func narrow(_ pieces: inout [Piece], to range: StatisticsRange, minimum: Int) {
    guard !pieces.isEmpty else { return }
    let last = pieces.count - 1
    for index in 0..<last { pieces[index].isClosed = true }
    if !pieces[0].isSettled(minimum), let (rest, few) = pieces[0].divided(leaving: minimum - 1) {
      pieces[0] = rest.within(low: range.low, high: .infinity)
      pieces[0].isClosed = false
      if few.patients > 0 { pieces.append(few) }
    }
    guard let (rest, few) = pieces[last].divided(leaving: minimum - 1) else { return }
    pieces[last] = rest.within(low: -.infinity, high: range.high)
    if few.patients > 0 { pieces.append(few) }
  }

  /// Adds the cells of another distribution.
  public mutating func add(_ other: Distribution) { pieces += other.pieces }

  /// The quantile as numpy and R (type 7) define it, interpolated within cells.
  ///
  /// - Returns: `nil` if there are no patients.
  public func quantile(_ share: Double) -> Quantile? {
    let count = patients
    guard count > 0 else { return nil }
    let least = max(1, count - doubtful)
    let below = Int((share * Double(least - 1)).rounded(.down)) + 1
    let above = Int((share * Double(count - 1)).rounded(.up)) + 1
    let value = interpolated(at: share * Double(count - 1) + 0.5)
    let (low, high) = (lowest(rank: below), highest(rank: above))
    return Quantile(value: min(max(value, low), high), low: low, high: high)
  }

  /// The estimated value below which the values of `target` patients lie.
  private func interpolated(at target: Double) -> Double {
    guard var (low, high) = extent.map({ ($0.low, $0.high) }) else { return 0 }
    for _ in 0..<60 {
      let middle = low + (high - low) / 2
      if patients(below: middle) < target { low = middle } else { high = middle }
    }
    return high
  }

  /// The estimated number of patients with a value of at most `edge`.
  private func patients(below edge: Double) -> Double {
    pieces.reduce(0) { $0 + Double($1.patients) * $1.share(below: edge, isByValue: true) }
  }

  /// The lowest possible value of the patient with this rank.
  private func lowest(rank: Int) -> Double {
    var total = 0
    for piece in pieces.sorted(by: { $0.least < $1.least }) {
      total += piece.patients
      if total >= rank { return piece.least }
    }
    return pieces.map(\.least).max() ?? 0
  }

  /// The highest possible value of the patient with this rank.
  private func highest(rank: Int) -> Double {
    var total = 0
    for piece in pieces.sorted(by: { $0.most < $1.most }) {
      total += piece.patients - piece.doubtful
      if total >= rank { return piece.most }
    }
    return pieces.map(\.most).max() ?? 0
  }

  /// The number of patients in each of `parts` equal parts of a range, for a histogram.
  public func counts(from low: Double, to high: Double, parts: Int) -> [Double] {
    let width = (high - low) / Double(max(1, parts))
    var below = (0...max(1, parts)).map { part in
      pieces.reduce(0) { $0 + Double($1.patients) * $1.share(below: low + width * Double(part)) }
    }
    below[0] = 0
    return zip(below, below.dropFirst()).map { $1 - $0 }
  }

  /// The range from the lower end of the lowest cell to the upper end of the highest.
  public var extent: StatisticsRange? {
    guard let low = pieces.map(\.low).min(), let high = pieces.map(\.high).max() else { return nil }
    return StatisticsRange(low: low, high: high)
  }
}

extension Distribution.Piece {
  /// The share of the piece's patients with a value below `edge`.
  ///
  /// - Parameter isByValue: Whether to use the values of the bins instead of their edges.
  fileprivate func share(below edge: Double, isByValue: Bool = false) -> Double {
    let range = core ?? (isByValue ? values : nil) ?? StatisticsRange(low: low, high: high)
    let (low, high) = (range.low, range.high)
    let (width, place) = (high - low, min(max(edge - low, 0), high - low))
    guard width > 0 else { return edge >= high ? 1 : 0 }
    // Treat the density as even if the rate is too small to divide by.
    guard abs(growth) * width > 1e-9 else { return place / width }
    func rising(_ place: Double, _ rate: Double) -> Double {
      (exp(rate * (place - width)) - exp(-rate * width)) / -expm1(-rate * width)
    }
    return growth > 0 ? rising(place, growth) : 1 - rising(width - place, -growth)
  }

  /// The lowest value that a patient of the piece can have.
  fileprivate var least: Double { values?.low ?? low }
  fileprivate var most: Double { values?.high ?? high }

  /// Whether it is certain that fewer patients than the minimum lie below the last bin of the cell.
  ///
  /// A site joins bins from low to high until a cell has enough patients, so this is true of every cell that
  /// was not joined with another cell later. A cell with fewer than twice the minimum was not joined.
  fileprivate func isSettled(_ minimum: Int) -> Bool {
    isClosed && doubtful == 0 && (minimum == 1 || patients < 2 * minimum)
  }

  /// Divides the piece into its last bin and the bins below it, if it is certain that fewer patients than the
  /// minimum lie below the last bin. Otherwise returns the whole piece.
  fileprivate func settled(lastBin width: Double, minimum: Int) -> [Self] {
    guard isSettled(minimum), patients >= minimum, high - low > 1.5 * width else { return [self] }
    var (below, last) = (self, self)
    below.patients = minimum - 1
    last.patients -= minimum - 1
    last.low = high - width
    last.growth = 0
    last.core = nil
    last.values = values.map { .init(low: $0.high, high: $0.high) }
    return below.patients > 0 ? [below, last] : [last]
  }

  /// Splits `few` patients off the piece. Returns `nil` if the piece has no more than `few` patients.
  fileprivate func divided(leaving few: Int) -> (rest: Self, few: Self)? {
    guard few >= 0, patients > few else { return nil }
    var (rest, part) = (self, self)
    rest.patients -= few
    part.patients = few
    rest.doubtful = min(doubtful, rest.patients)
    part.doubtful = doubtful - rest.doubtful
    return (rest, part)
  }

  /// The piece, limited to the part of its cell that lies in a range.
  fileprivate func within(low: Double, high: Double) -> Self {
    var piece = self
    let (low, high) = (max(self.low, low), min(self.high, high))
    guard low < high else { return self }
    piece.low = low
    piece.high = high
    piece.values = values.map { .init(low: max($0.low, low), high: min($0.high, high)) }
    piece.core = core.flatMap { core in
      let (start, end) = (max(core.low, low), min(core.high, high))
      return start <= end ? StatisticsRange(low: start, high: end) : nil
    }
    return piece
  }

  /// The range of the uniform distribution with these moments, limited to the cell.
  fileprivate func core(_ moments: Moments) -> StatisticsRange? {
    let half = 3.0.squareRoot() * (moments.standardDeviation ?? 0)
    let (low, high) = (max(low, moments.mean - half), min(high, moments.mean + half))
    return low <= high ? StatisticsRange(low: low, high: high) : nil
  }
}
