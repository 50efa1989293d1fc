import Testing

@testable import FederatedCore

struct DistributionTests {
  private let grid = StatisticsGrid(low: 0, high: 100)

  private func normal(_ count: Int, mean: Double, deviation: Double, seed: UInt64) -> [Double] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in
      // The sum of twelve uniform numbers has variance 1.
      let sum = (0..<12).reduce(0.0) { total, _ in total + Double.random(in: 0..<1, using: &random) }
      return mean + deviation * (sum - 6)
    }
  }

  /// The quantile as numpy defines it.
  private func quantile(_ share: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    guard below + 1 < sorted.count else { return sorted[below] }
    return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
  }

  private func cells(_ values: [Double], _ grid: StatisticsGrid, minimum: Int) throws -> StatisticsCells {
    let item = PatientMeasurements.Item(
      bins: grid.bins, isOrdered: true, canLack: false, places: values.map(grid.bin))
    return try #require(CellPartition(item, minimum: minimum)?.released)
  }

  @Test func pooledQuantilesAreWithinAHundredthOfTheRange() throws {
    let grid = try #require(grid)
    let sites = [
      normal(400, mean: 40, deviation: 8, seed: 1), normal(150, mean: 60, deviation: 10, seed: 2),
      normal(60, mean: 50, deviation: 12, seed: 3),
    ]
    var distribution = Distribution()
    for values in sites {
      distribution.add(
        try cells(values, grid, minimum: 10), on: grid, minimum: 10,
        range: StatisticsRange(of: values, minimum: 10))
    }
    for share in [0.05, 0.25, 0.5, 0.75, 0.95] {
      let found = try #require(distribution.quantile(share))
      let truth = quantile(share, of: sites.flatMap(\.self))
      #expect(abs(found.value - truth) < 1, "\(share)")
      #expect(found.low <= truth && truth <= found.high, "\(share)")
    }
  }

  @Test func statedIntervalContainsTheQuantile() throws {
    let grid = try #require(grid)
    var random = RandomStream(seed: 3)
    for seed in 0..<100 {
      let values = normal(
        Int.random(in: 1...60, using: &random), mean: 50,
        deviation: Double.random(in: 0.1...20, using: &random),
        seed: UInt64(seed)
      ).map { min(max($0, 0), 100) }
      var distribution = Distribution()
      let minimum = min(values.count, 7)
      distribution.add(
        try cells(values, grid, minimum: minimum), on: grid, minimum: minimum,
        range: StatisticsRange(of: values, minimum: minimum), moments: Moments(of: values))
      let share = Double.random(in: 0...1, using: &random)
      let found = try #require(distribution.quantile(share))
      let truth = quantile(share, of: values)
      #expect(found.low - 1e-9 <= truth && truth <= found.high + 1e-9)
      #expect(found.low <= found.value && found.value <= found.high)
    }
  }

  @Test func rangeLocatesManyEqualValuesAtTheEnd() throws {
    // The study permits -50 to 50, and half of the patients have the lowest value, 0.
    let grid = try #require(StatisticsGrid(low: -50, high: 50))
    let values = Array(repeating: 0.0, count: 60) + (1...60).map { Double($0) / 2 }
    var distribution = Distribution()
    distribution.add(
      try cells(values, grid, minimum: 10), on: grid, minimum: 10,
      range: StatisticsRange(of: values, minimum: 10))
    let found = try #require(distribution.quantile(0.25))
    #expect(found.low == 0 && found.value < 0.5 && found.high < 1)
    let parts = distribution.counts(from: -50, to: 50, parts: 10)
    #expect(abs(parts.reduce(0, +) - 120) < 1e-9)
  }

  @Test func patientsWhoMayLackAValueWidenTheInterval() throws {
    let grid = try #require(StatisticsGrid(low: 0, high: 10, bins: 10))
    // Each bin has ten patients. Up to nine patients of the fifth cell may have no value.
    var distribution = Distribution()
    let cells = StatisticsCells(
      cellOfBin: Array(0..<10) + [4], patients: [10, 10, 10, 10, 19, 10, 10, 10, 10, 10])
    distribution.add(cells, on: grid, minimum: 10)
    #expect(distribution.patients == 109)
    #expect(distribution.doubtful == 9)
    let found = try #require(distribution.quantile(0.75))
    #expect(found.low == 6)
    #expect(found.high == 9)
  }

  @Test func momentsOfSitesMergeToThoseOfAll() throws {
    let sites = [
      normal(31, mean: 1e6, deviation: 1, seed: 1), [5], normal(200, mean: -3, deviation: 2, seed: 2),
    ]
    let merged = try sites.map { try #require(Moments(of: $0)) }.reduce(nil) { $0?.merged(with: $1) ?? $1 }
    let all = try #require(Moments(of: sites.flatMap(\.self)))
    let found = try #require(merged)
    #expect(found.count == all.count)
    #expect(abs(found.mean - all.mean) < 1e-9 * abs(all.mean))
    #expect(abs(found.squares - all.squares) < 1e-9 * all.squares)
    #expect(Moments(of: [2, 4, 4, 4, 5, 5, 7, 9]) == Moments(count: 8, mean: 5, squares: 32))
  }

  @Test func rangeIsRoundedOutwardAndHidesPatientValues() throws {
    // The third smallest is 23.7 and the third largest 81.2.
    let values = [1.5, 20.1, 23.7, 30, 31, 40, 55.5, 60, 81.2, 95, 7000]
    let range = try #require(StatisticsRange(of: values, minimum: 3))
    // Three values are not multiples of 0.5.
    #expect(range == StatisticsRange(low: 20, high: 90, step: 0.1))
    #expect(StatisticsRange(of: values, minimum: 6) == nil)
    let same = try #require(StatisticsRange(of: [4, 4, 4, 4], minimum: 2))
    #expect(same.low < 4 && same.high > 4)
    #expect(StatisticsRange(of: [1, .nan, .infinity], minimum: 1)?.high.isFinite ?? true)
  }

  @Test func stepsAreOneTwoOrFiveTimesAPowerOfTen() {
    #expect(
      [0.03, 0.5, 1, 1.1, 3, 7, 12, 480].map(StatisticsRange.step) == [0.05, 0.5, 1, 2, 5, 10, 20, 500])
  }

  @Test func wholeNumbersHaveOneBinEach() throws {
    let ages = (0..<200).map { Double(40 + $0 % 37) }
    let range = try #require(StatisticsRange(of: ages, minimum: 10))
    #expect(range.step == 1)
    let grid = try #require(StatisticsGrid(over: range))
    #expect(grid.isOfValues && grid.edge(1) - grid.edge(0) == 1)
    #expect(grid.middle(grid.bin(of: 58)) == 58)
    var distribution = Distribution()
    distribution.add(try cells(ages, grid, minimum: 1), on: grid, minimum: 1, range: range)
    for share in [0.05, 0.25, 0.5, 0.75, 0.95] {
      let found = try #require(distribution.quantile(share))
      #expect(abs(found.value - quantile(share, of: ages)) <= 0.5)
    }
    #expect(StatisticsRange.step(of: [1.5, 2, 3], minimum: 1) == 0.5)
    #expect(StatisticsRange.step(of: [1.5, 2, 3], minimum: 2) == 1)
    #expect(StatisticsRange.step(of: [0.123456], minimum: 1) == nil)
  }

  @Test func equalValuesAreKnownExactly() throws {
    let values = Array(repeating: 128.0, count: 30)
    let range = try #require(StatisticsRange(of: values, minimum: 10))
    let grid = try #require(StatisticsGrid(over: range))
    var distribution = Distribution()
    distribution.add(
      try cells(values, grid, minimum: 10), on: grid, minimum: 10, range: range, moments: Moments(of: values))
    #expect(distribution.quantile(0.25) == .init(value: 128, low: 128, high: 128))
  }

  @Test func withoutAMinimumEveryBinIsKnown() throws {
    // Gaps between the values, in which empty bins are joined to the next value.
    let grid = try #require(StatisticsGrid(low: 0, high: 100, bins: 100))
    let values = [3.2, 3.4, 40.5, 41.5, 90.5, 90.6]
    var distribution = Distribution()
    distribution.add(
      try cells(values, grid, minimum: 1), on: grid, minimum: 1, range: StatisticsRange(low: 0, high: 100))
    for share in [0.0, 0.25, 0.5, 0.75] {
      let found = try #require(distribution.quantile(share))
      let truth = quantile(share, of: values)
      #expect(found.low <= truth && truth <= found.high)
    }
    #expect(distribution.quantile(0.2)?.low == 3 && distribution.quantile(0.2)?.high == 4)
  }

  @Test func valuesOutsideAGridAreInItsOutermostBins() throws {
    let grid = try #require(StatisticsGrid(low: -1, high: 1, bins: 4))
    #expect([-9, -1, -0.51, 0, 0.99, 1, 50].map(grid.bin) == [0, 0, 0, 2, 3, 3, 3])
    #expect((0...4).map(grid.edge) == [-1, -0.5, 0, 0.5, 1])
    #expect(StatisticsGrid(low: 1, high: 1) == nil)
    #expect(StatisticsGrid(low: 0, high: .infinity) == nil)
  }
}
