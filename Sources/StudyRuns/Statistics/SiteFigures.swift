import FederatedCore
import Reporting
import StudyProtocol

/// A site's figures for one item, with the data needed to combine them with the figures of other sites.
struct SiteFigures {
  let figures: StudyStatistics.Figures
  private var distribution = Distribution()
  private var moments: Moments?
  private var isRounded = false

  /// - Returns: `nil` if the site releases nothing about the item, or if its answer does not match the
  ///   question.
  init?(
    _ item: StatisticsItem, _ grid: StatisticsGrid?, _ answer: ItemStatistics, of site: SiteStatistics
  ) {
    var figures = StudyStatistics.Figures(patients: site.patients)
    if let profile = answer.profile, let grid {
      guard let shares = profile.parts(on: grid) else { return nil }
      figures.histogram = shares
    } else {
      let bins = item.labels.isEmpty ? grid?.bins ?? 1 : item.bins
      guard let cells = answer.cells, cells.fits(bins: bins), cells.patients.reduce(0, +) == site.patients
      else { return nil }
      figures.missing = cells.count(ofBin: bins)
      if item.labels.isEmpty {
        moments = answer.moments
        isRounded = answer.areMomentsRounded
        if let grid {
          distribution.add(cells, on: grid, minimum: site.minimum, range: answer.range, moments: moments)
        }
      } else {
        figures.classes = (0..<bins).map { cells.count(ofBin: $0) }
      }
    }
    figures.fill(moments, isRounded, distribution, grid)
    self.figures = figures
  }

  /// - Returns: `nil` if no site releases anything.
  static func pooled(_ sites: [SiteFigures], on grid: StatisticsGrid?) -> StudyStatistics.Figures? {
    guard let first = sites.first else { return nil }
    var figures = StudyStatistics.Figures(patients: sites.reduce(0) { $0 + $1.figures.patients })
    figures.missing = .sum(sites.map(\.figures.missing))
    figures.classes = first.figures.classes.indices.map { label in
      .sum(sites.map { $0.figures.classes[label] })
    }
    if first.distribution.patients == 0, !first.figures.histogram.isEmpty {
      // Shares of voxels are averaged with equal weight for each patient.
      figures.histogram = first.figures.histogram.indices.map { part in
        sites.reduce(0) { $0 + $1.figures.histogram[part] * Double($1.figures.patients) }
          / Double(max(1, figures.patients))
      }
    }
    let moments = sites.compactMap(\.moments)
    let distribution = sites.reduce(into: Distribution()) { $0.add($1.distribution) }
    figures.fill(
      moments.count == sites.count ? moments.dropFirst().reduce(moments.first) { $0?.merged(with: $1) } : nil,
      sites.contains(where: \.isRounded), distribution, grid)
    return figures
  }
}

extension StudyStatistics.Figures {
  fileprivate mutating func fill(
    _ moments: Moments?, _ isRounded: Bool, _ distribution: Distribution, _ grid: StatisticsGrid?
  ) {
    mean = moments?.mean
    standardDeviation = moments?.standardDeviation
    self.isRounded = isRounded
    guard let grid, distribution.patients > 0 else { return }
    quantiles = StudyStatistics.shares.compactMap { share in
      distribution.quantile(share).map {
        .init(
          share: share, value: $0.value, low: $0.low, high: $0.high,
          coarseness: grid.coarseness(from: $0.low, to: $0.high))
      }
    }
    let parts = distribution.counts(from: grid.low, to: grid.high, parts: StudyStatistics.parts)
    histogram = parts.map { $0 / Double(distribution.patients) }
  }
}

extension StatisticsGrid {
  /// The width of the interval that contains a quantile, as a share of the grid's width. It is 1 in the
  /// outermost bins, which also hold the values beyond the grid.
  fileprivate func coarseness(from low: Double, to high: Double) -> Double {
    low < edge(1) || high > edge(bins - 1) ? 1 : (high - low) / width
  }
}

extension StudyStatistics.CountRange {
  fileprivate static func sum(_ counts: [Self]) -> Self {
    Self(counts.reduce(0) { $0 + $1.low }, counts.reduce(0) { $0 + $1.high })
  }
}

extension StatisticsCells {
  /// The number of patients in a bin or class. The number is exact if the bin has a separate cell; otherwise
  /// it lies between 0 and the count of its cell.
  fileprivate func count(ofBin bin: Int) -> StudyStatistics.CountRange {
    guard cellOfBin.indices.contains(bin) else { return .init(0, 0) }
    if let known = patients(inBin: bin) { return .init(known, known) }
    return .init(0, patients[cellOfBin[bin]])
  }
}

extension StatisticsProfile {
  /// The shares of voxels in equal parts of the grid. Each cell's share is spread evenly over its bins. `nil`
  /// if the profile does not match the grid.
  fileprivate func parts(on grid: StatisticsGrid) -> [Double]? {
    guard cellOfBin.count == grid.bins, shares.allSatisfy({ $0.isFinite && $0 >= 0 }),
      cellOfBin.allSatisfy(shares.indices.contains)
    else { return nil }
    let widths = shares.indices.map { cell in Double(cellOfBin.count { $0 == cell }) }
    let bins = cellOfBin.map { shares[$0] / widths[$0] }
    let size = max(1, grid.bins / StudyStatistics.parts)
    return stride(from: 0, to: bins.count, by: size).map { start in
      bins[start..<min(start + size, bins.count)].reduce(0, +)
    }
  }
}
