import Testing

@testable import FederatedCore

/// Every released number, and every difference of two released numbers, covers at least the site's minimum of
/// patients.
struct StatisticsReleaseTests {
  /// Whether a union of one item's cells lies within a union of another item's cells and differs from it by
  /// fewer patients than the minimum. Tries every union of cells.
  private func tells(_ outer: [Set<Int>], _ inner: [Set<Int>], minimum: Int) -> Bool {
    unions(outer).contains { large in
      unions(inner).contains { small in
        small.isSubset(of: large) && (1..<minimum).contains(large.count - small.count)
      }
    }
  }

  private func unions(_ cells: [Set<Int>]) -> [Set<Int>] {
    (0..<(1 << cells.count)).map { choice in
      cells.indices.filter { choice >> $0 & 1 == 1 }.reduce(into: []) { $0.formUnion(cells[$1]) }
    }
  }

  /// The patients of each released cell, from the bins that only the site knows.
  private func sets(_ cells: StatisticsCells, _ item: PatientMeasurements.Item) -> [Set<Int>] {
    var sets = [Set<Int>](repeating: [], count: cells.patients.count)
    for (patient, place) in item.places.enumerated() {
      sets[cells.cellOfBin[place < 0 ? item.bins : place]].insert(patient)
    }
    return sets
  }

  /// A table with small differences: as is common in real tables, one item almost repeats another.
  private func randomTable(_ random: inout RandomStream) -> PatientMeasurements {
    let patients = Int.random(in: 1...26, using: &random)
    var items: [PatientMeasurements.Item] = []
    for number in 0..<Int.random(in: 2...4, using: &random) {
      let canLack = Bool.random(using: &random)
      let bins = Int.random(in: 1...6, using: &random)
      var places = (0..<patients).map { _ in Int.random(in: (canLack ? -1 : 0)..<bins, using: &random) }
      if number > 0, Bool.random(using: &random) {
        places = items[number - 1].places.map { min($0, bins - 1) }.map { canLack ? $0 : max(0, $0) }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          places[Int.random(in: 0..<patients, using: &random)] = Int.random(in: 0..<bins, using: &random)
        }
      }
      items.append(
        .init(bins: bins, isOrdered: Bool.random(using: &random), canLack: canLack, places: places))
    }
    // A readiness report stated the parts of the split, which nearly repeat the first item.
    return PatientMeasurements(
      members: (0..<patients).map { UInt64($0) }, items: items,
      parts: Bool.random(using: &random) ? items[0].places.map { $0 + 1 } : [])
  }

  @Test func countsAndDifferencesCoverEnoughPatients() throws {
    var random = RandomStream(seed: 11)
    var joined = 0
    for _ in 0..<600 {
      let minimum = Int.random(in: 1...5, using: &random)
      let table = randomTable(&random)
      let released = table.released(minimum: minimum)
      guard table.members.count >= minimum else {
        #expect(released.patients == 0 && released.items.isEmpty)
        continue
      }
      let cells = zip(released.items, table.items).map {
        sets($0.cells ?? .init(cellOfBin: [], patients: []), $1)
      }
      for (item, own) in zip(released.items, cells) {
        #expect(item.cells?.patients == own.map(\.count))
        #expect(own.allSatisfy { $0.count >= minimum })
        #expect(own.reduce(0) { $0 + $1.count } == table.members.count)
      }
      if !table.parts.isEmpty {
        let told = PatientMeasurements.Item(
          bins: (table.parts.max() ?? 0) + 1, isOrdered: false, canLack: false, places: table.parts)
        let parts = try #require(CellPartition(told, minimum: minimum)).released
        for own in cells { #expect(!tells(own, sets(parts, told), minimum: minimum)) }
      }
      for one in cells.indices {
        for other in cells.indices where other != one {
          #expect(!tells(cells[one], cells[other], minimum: minimum))
        }
        // Each item would have more cells if it were released alone: some cells were joined because of the
        // other item.
        let alone = CellPartition(table.items[one], minimum: minimum)?.bins.count ?? 0
        if alone > cells[one].count { joined += 1 }
      }
    }
    // Otherwise the tables would never test the rule for two items.
    #expect(joined > 50)
  }

  @Test func searchFindsADifferenceExactlyIfOneExists() throws {
    var random = RandomStream(seed: 5)
    var found = 0
    for _ in 0..<400 {
      let table = randomTable(&random)
      let minimum = Int.random(in: 1...5, using: &random)
      guard let outer = CellPartition(table.items[0], minimum: minimum),
        let inner = CellPartition(table.items[1], minimum: minimum)
      else { continue }
      let (large, small) = (sets(outer.released, table.items[0]), sets(inner.released, table.items[1]))
      var search = NestedDifference(outer: outer, inner: inner, minimum: minimum)
      let union = search.find()
      #expect((union != nil) == tells(large, small, minimum: minimum))
      guard let union else { continue }
      found += 1
      #expect(union.contains(true) && union.contains(false))
    }
    #expect(found > 20)
  }

  @Test func missingValuesAreJoinedToTheLargestCell() throws {
    // Twelve patients are in one bin, thirteen in the other, and three have no value.
    let places = Array(repeating: 0, count: 12) + Array(repeating: 1, count: 13) + [-1, -1, -1]
    let item = PatientMeasurements.Item(bins: 4, isOrdered: true, canLack: true, places: places)
    let cells = try #require(table(item).released(minimum: 10).items[0].cells)
    #expect(cells.patients == [12, 16])
    #expect(cells.cellOfBin == [0, 1, 1, 1, 1])
    let enough = PatientMeasurements.Item(
      bins: 4, isOrdered: true, canLack: true, places: places + Array(repeating: -1, count: 7))
    #expect(table(enough).released(minimum: 10).items[0].cells?.patients == [12, 13, 10])
  }

  @Test func rareClassesAreJoinedWithAFurtherOneIfNeeded() throws {
    func released(_ counts: [Int], canLack: Bool = false) throws -> StatisticsCells {
      let places = counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
      let item = PatientMeasurements.Item(
        bins: counts.count, isOrdered: false, canLack: canLack, places: places)
      return try #require(table(item).released(minimum: 10).items[0].cells)
    }
    // Together, 6 and 5 are enough.
    #expect(try released([40, 6, 5]).cellOfBin == [0, 1, 1])
    // Six patients alone are too few, and even an empty class is withheld.
    #expect(try released([40, 6, 20]) == StatisticsCells(cellOfBin: [0, 1, 1], patients: [40, 26]))
    #expect(try released([40, 0, 20]) == StatisticsCells(cellOfBin: [0, 1, 1], patients: [40, 20]))
    #expect(try released([40, 0]) == StatisticsCells(cellOfBin: [0, 0], patients: [40]))
    // The release also hides the fact that every patient has a value.
    #expect(
      try released([40, 20], canLack: true) == StatisticsCells(cellOfBin: [0, 1, 1], patients: [40, 20]))
  }

  @Test func aSiteWithTooFewPatientsReleasesNothing() {
    let item = PatientMeasurements.Item(
      bins: 2, isOrdered: false, canLack: false, places: Array(repeating: 0, count: 9),
      moments: Moments(count: 9, mean: 1, squares: 1))
    #expect(table(item).released(minimum: 10) == SiteStatistics(patients: 0, minimum: 10, items: []))
  }

  @Test func listsOfTheWrongLengthAreNotReleased() {
    let item = PatientMeasurements.Item(
      bins: 2, isOrdered: false, canLack: false, places: Array(repeating: 0, count: 20))
    let short = PatientMeasurements(members: (0..<21).map { UInt64($0) }, items: [item])
    #expect(short.released(minimum: 10).items.isEmpty)
    // Two entries for the same patient would count that patient twice.
    let twice = PatientMeasurements(members: Array(repeating: 7, count: 20), items: [item])
    #expect(twice.released(minimum: 10).items.isEmpty)
  }

  @Test func roundedMeanHidesTheNumberOfMissingValues() throws {
    // With whole numbers, only a count of 37 fits the exact mean.
    let values = (0..<37).map { Double($0 * $0 % 23) }
    let moments = try #require(Moments(of: values))
    let item = PatientMeasurements.Item(
      bins: 1, isOrdered: true, canLack: true, places: values.map { _ in 0 } + [-1, -1, -1], moments: moments)
    let released = table(item).released(minimum: 10).items[0]
    let shown = try #require(released.moments)
    #expect(released.areMomentsRounded)
    #expect(shown.count == 40)
    #expect(abs(shown.mean - moments.mean) < 0.5 * (moments.standardDeviation ?? 0))
    let half = StatisticsRange.step((moments.standardDeviation ?? 0) / (2 * 37.0.squareRoot())) / 2
    for count in 31...40 {
      // For every count, the rounded mean fits a sum that is a whole number.
      let (low, high) = ((shown.mean - half) * Double(count), (shown.mean + half) * Double(count))
      #expect(high.rounded(.down) >= low.rounded(.up), "\(count)")
    }
  }

  @Test func aMeanThatTellsOfFewPatientsIsWithheld() throws {
    func released(_ values: [Double]) throws -> Moments? {
      let item = PatientMeasurements.Item(
        bins: 1, isOrdered: true, canLack: false, places: values.map { _ in 0 }, moments: Moments(of: values),
        dominance: Moments.dominance(of: values, minimum: 10))
      return table(item).released(minimum: 10).items[0].moments
    }
    let even = (0..<40).map { Double($0) }
    #expect(try released(even) != nil)
    // One outlier has nearly all of the squared deviations.
    #expect(try released(even + [1e6]) == nil)
    // Of 40 patients, 37 have the value 0, so 40 times the mean is the sum of the other three.
    #expect(try released(Array(repeating: 0, count: 37) + [4, 5, 9]) == nil)
    #expect(try released(Array(repeating: 0, count: 20) + (1...20).map { Double($0) }) != nil)
    #expect(try released(Array(repeating: 3, count: 40))?.mean == 3)
  }

  @Test func momentsAreExactIfTheStudyRequiresTheValue() throws {
    let values = (0..<37).map { Double($0 * $0 % 23) }
    let moments = try #require(Moments(of: values))
    let item = PatientMeasurements.Item(
      bins: 1, isOrdered: true, canLack: false, places: values.map { _ in 0 }, moments: moments)
    let released = table(item).released(minimum: 10).items[0]
    #expect(released.moments == moments)
    #expect(!released.areMomentsRounded)
  }

  @Test func intensityCellDominatedByOnePatientIsJoined() throws {
    // All ten patients have voxels in every bin, but in the last bin nearly all are the first patient's.
    var profiles = (0..<10).map { _ in [Float](arrayLiteral: 0.5, 0.499, 0.001) }
    profiles[0] = [0.3, 0.2, 0.5]
    let item = PatientMeasurements.Item(
      bins: 3, isOrdered: true, canLack: false, places: [], profiles: profiles)
    let members = (0..<10).map { UInt64($0) }
    let profile = try #require(
      PatientMeasurements(members: members, items: [item]).released(minimum: 10).items[0].profile)
    #expect(profile.cellOfBin == [0, 1, 1])
    #expect(zip(profile.shares, [0.48, 0.52]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(PatientMeasurements(members: members, items: [item]).released(minimum: 11).items.isEmpty)
  }

  @Test func rangeQuestionIsAnsweredWithoutCounts() {
    let item = PatientMeasurements.Item(
      bins: 0, isOrdered: true, canLack: true, places: Array(repeating: 0, count: 20) + [-1],
      range: StatisticsRange(low: 0, high: 10))
    let released = table(item).released(minimum: 10)
    #expect(released.items == [ItemStatistics(range: StatisticsRange(low: 0, high: 10))])
    #expect(table(item).released(minimum: 11).items == [ItemStatistics()])
  }

  @Test func gateRemovesThePatientsBehindStatistics() {
    let item = PatientMeasurements.Item(
      bins: 2, isOrdered: false, canLack: false, places: Array(repeating: 0, count: 9) + [1])
    let answer = SiteStatistics(own: table(item).self)
    let rules = ReleaseRules(
      minimumPatients: 10, metrics: nil, ownFigures: true, calibration: true, confusion: true, curves: true,
      replicates: true, intervals: true, images: true)
    let released = ReleaseGate(rules: rules).release(answer).content
    #expect(released.own == nil)
    #expect(released.items[0].cells?.patients == [10])
    let open = ReleaseGate().release(answer).content
    #expect(open.own == nil)
    #expect(open.items[0].cells?.patients == [9, 1])
    var silent = rules
    silent.ownFigures = false
    #expect(ReleaseGate(rules: silent).release(answer).content.items.isEmpty)
  }

  private func table(_ item: PatientMeasurements.Item) -> PatientMeasurements {
    PatientMeasurements(members: item.places.indices.map { UInt64($0) }, items: [item])
  }
}
