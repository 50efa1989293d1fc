extension StageMessage.Kind {
  /// The kind of a message that contains a site's statistics.
  public static let statistics = Self("statistics")
}

/// The facts of a statistics message. The lists form four tables: ranges, cells, moments and profiles. Each
/// list is one column of a table. An item is identified by its index in the study; names of elements are
/// never sent.
extension FactKey<Int> {
  fileprivate static let patients = FactKey("patients")
  fileprivate static let minimum = FactKey("minimum-patients")
  fileprivate static let items = FactKey("items")
}

extension FactKey<[Int]> {
  fileprivate static let rangeItems = FactKey("range-items")
  fileprivate static let cellItems = FactKey("cell-items")
  /// For each item that has cells, the number of its bins.
  fileprivate static let binCounts = FactKey("bin-counts")
  /// The cell of each bin, one item after another.
  fileprivate static let cellOfBin = FactKey("cell-of-bin")
  /// For each item that has cells, the number of its cells.
  fileprivate static let cellCounts = FactKey("cell-counts")
  /// The number of patients in each cell, one item after another.
  fileprivate static let cellPatients = FactKey("cell-patients")
  fileprivate static let momentItems = FactKey("moment-items")
  fileprivate static let momentPatients = FactKey("moment-patients")
  /// For each item that has moments, 1 if the moments are rounded, otherwise 0.
  fileprivate static let momentsRounded = FactKey("moments-rounded")
  fileprivate static let profileItems = FactKey("profile-items")
  fileprivate static let profileBinCounts = FactKey("profile-bin-counts")
  fileprivate static let profileCellOfBin = FactKey("profile-cell-of-bin")
  fileprivate static let profileCellCounts = FactKey("profile-cell-counts")
}

extension FactKey<[Double]> {
  fileprivate static let rangeLows = FactKey("range-lows")
  fileprivate static let rangeHighs = FactKey("range-highs")
  /// The step of each range; 0 for a range without a step.
  fileprivate static let rangeSteps = FactKey("range-steps")
  fileprivate static let means = FactKey("means")
  fileprivate static let squares = FactKey("squares")
  fileprivate static let profileShares = FactKey("profile-shares")
}

extension SiteStatistics: MessageContent {
  private static let mostItems = 1024
  private static let mostBins = mostItems * (StatisticsGrid.numberBins + 1)

  public static var schema: MessageSchema {
    MessageSchema(.statistics).with(.patients).with(.minimum).with(.items)
      .with(.rangeItems).with(.rangeLows).with(.rangeHighs).with(.rangeSteps)
      .with(.cellItems).with(.binCounts).with(.cellOfBin).with(.cellCounts).with(.cellPatients)
      .with(.momentItems).with(.momentPatients).with(.momentsRounded).with(.means).with(.squares)
      .with(.profileItems).with(.profileBinCounts).with(.profileCellOfBin).with(.profileCellCounts)
      .with(.profileShares)
  }

  /// The released statistics as a message, without the patients' bins, which no message can contain.
  public var message: StageMessage {
    var message = StageMessage(.statistics)
    message[.patients] = patients
    message[.minimum] = minimum
    message[.items] = items.count
    write(ranges: indices { $0.range != nil }, into: &message)
    write(cells: indices { $0.cells != nil }, into: &message)
    write(moments: indices { $0.moments != nil }, into: &message)
    write(profiles: indices { $0.profile != nil }, into: &message)
    return message
  }

  private func indices(_ isThere: (ItemStatistics) -> Bool) -> [Int] {
    items.indices.filter { isThere(items[$0]) }
  }

  private func write(ranges: [Int], into message: inout StageMessage) {
    let found = ranges.compactMap { items[$0].range }
    guard !found.isEmpty else { return }
    message[.rangeItems] = ranges
    message[.rangeLows] = found.map(\.low)
    message[.rangeHighs] = found.map(\.high)
    message[.rangeSteps] = found.map { $0.step ?? 0 }
  }

  private func write(cells: [Int], into message: inout StageMessage) {
    let found = cells.compactMap { items[$0].cells }
    guard !found.isEmpty else { return }
    message[.cellItems] = cells
    message[.binCounts] = found.map(\.cellOfBin.count)
    message[.cellOfBin] = found.flatMap(\.cellOfBin)
    message[.cellCounts] = found.map(\.patients.count)
    message[.cellPatients] = found.flatMap(\.patients)
  }

  private func write(moments: [Int], into message: inout StageMessage) {
    let found = moments.compactMap { items[$0].moments }
    guard !found.isEmpty else { return }
    message[.momentItems] = moments
    message[.momentPatients] = found.map(\.count)
    message[.momentsRounded] = moments.map { items[$0].areMomentsRounded ? 1 : 0 }
    message[.means] = found.map(\.mean)
    message[.squares] = found.map(\.squares)
  }

  private func write(profiles: [Int], into message: inout StageMessage) {
    let found = profiles.compactMap { items[$0].profile }
    guard !found.isEmpty else { return }
    message[.profileItems] = profiles
    message[.profileBinCounts] = found.map(\.cellOfBin.count)
    message[.profileCellOfBin] = found.flatMap(\.cellOfBin)
    message[.profileCellCounts] = found.map(\.shares.count)
    message[.profileShares] = found.flatMap(\.shares)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message contains no statistics, if the
  ///   lengths of its lists contradict each other, or if a number is impossible.
  public init(_ message: StageMessage) throws(ConsiliumError) {
    try Self.schema.check(message)
    let count = try message.count(.items)
    guard count <= Self.mostItems else { throw message.fault("it has \(count) items") }
    self.init(
      patients: try message.count(.patients), minimum: try message.count(.minimum),
      items: [ItemStatistics](repeating: ItemStatistics(), count: count))
    try readRanges(message)
    try readCells(message)
    try readMoments(message)
    try readProfiles(message)
  }

  /// The indices of the items that a column describes, in ascending order and without repetitions.
  private func places(_ key: FactKey<[Int]>, _ message: StageMessage) throws(ConsiliumError) -> [Int] {
    guard message[key] != nil else { return [] }
    let places = try message.counts(key, most: items.count)
    guard zip(places, places.dropFirst()).allSatisfy(<), places.allSatisfy(items.indices.contains) else {
      throw message.fault("its items are not those of the study")
    }
    return places
  }

  private mutating func readRanges(_ message: StageMessage) throws(ConsiliumError) {
    let places = try places(.rangeItems, message)
    guard !places.isEmpty else { return }
    let lows = try message.numbers(.rangeLows, most: places.count)
    let highs = try message.numbers(.rangeHighs, most: places.count)
    let steps = try message.numbers(.rangeSteps, most: places.count, in: 0...1e6)
    guard [lows.count, highs.count, steps.count].allSatisfy({ $0 == places.count }),
      zip(lows, highs).allSatisfy(<)
    else { throw message.fault("its ranges are incomplete or impossible") }
    for (number, place) in places.enumerated() {
      items[place].range = StatisticsRange(
        low: lows[number], high: highs[number], step: steps[number] > 0 ? steps[number] : nil)
    }
  }

  private mutating func readCells(_ message: StageMessage) throws(ConsiliumError) {
    let places = try places(.cellItems, message)
    guard !places.isEmpty else { return }
    let bins = try message.columns(.binCounts, .cellOfBin, count: places.count, most: Self.mostBins)
    let cells = try message.columns(.cellCounts, .cellPatients, count: places.count, most: Self.mostBins)
    for (number, place) in places.enumerated() {
      let found = StatisticsCells(cellOfBin: bins[number], patients: cells[number])
      guard found.fits(bins: found.cellOfBin.count), found.patients.reduce(0, +) == patients else {
        throw message.fault("the cells of an item do not cover all patients")
      }
      items[place].cells = found
    }
  }

  private mutating func readMoments(_ message: StageMessage) throws(ConsiliumError) {
    let places = try places(.momentItems, message)
    guard !places.isEmpty else { return }
    let counts = try message.counts(.momentPatients, most: places.count)
    let rounded = try message.counts(.momentsRounded, most: places.count)
    let means = try message.numbers(.means, most: places.count)
    let squares = try message.numbers(.squares, most: places.count, in: 0...1e300)
    guard [counts.count, rounded.count, means.count, squares.count].allSatisfy({ $0 == places.count }),
      counts.allSatisfy({ (1...max(1, patients)).contains($0) })
    else { throw message.fault("its means are incomplete or impossible") }
    for (number, place) in places.enumerated() {
      items[place].moments = Moments(count: counts[number], mean: means[number], squares: squares[number])
      items[place].areMomentsRounded = rounded[number] > 0
    }
  }

  private mutating func readProfiles(_ message: StageMessage) throws(ConsiliumError) {
    let places = try places(.profileItems, message)
    guard !places.isEmpty else { return }
    let bins = try message.columns(
      .profileBinCounts, .profileCellOfBin, count: places.count, most: Self.mostBins)
    let counts = try message.counts(.profileCellCounts, most: places.count)
    let shares = try message.numbers(.profileShares, most: Self.mostBins, in: 0...1 + 1e-6)
    guard counts.count == places.count, counts.reduce(0, +) == shares.count else {
      throw message.fault("its shares do not match its cells")
    }
    var start = 0
    for (number, place) in places.enumerated() {
      let own = Array(shares[start..<start + counts[number]])
      start += counts[number]
      guard Set(bins[number]) == Set(own.indices) else {
        throw message.fault("its shares do not match its cells")
      }
      items[place].profile = StatisticsProfile(cellOfBin: bins[number], shares: own)
    }
  }
}

extension StageMessage {
  /// Reads consecutive lists of counts. A separate fact states the length of each list.
  fileprivate func columns(
    _ lengths: FactKey<[Int]>, _ values: FactKey<[Int]>, count: Int, most: Int
  ) throws(ConsiliumError) -> [[Int]] {
    let lengths = try counts(lengths, most: count)
    let values = try counts(values, most: most)
    guard lengths.count == count, lengths.allSatisfy({ $0 <= most }), lengths.reduce(0, +) == values.count
    else { throw fault("the columns of its cells do not match") }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Array(values[start..<start + length])
    }
  }
}
