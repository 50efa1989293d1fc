extension SiteStatistics: Releasable {
  /// The statistics that may leave. Each of them covers at least the minimum number of patients.
  ///
  /// - Every item divides all patients into cells. Every released cell has at least the minimum of patients;
  ///   even empty cells are withheld. So every sum or difference of counts of one item concerns at least the
  ///   minimum of patients.
  /// - If a union of one item's cells lies within a union of another item's cells, the two unions hold the
  ///   same patients or differ by at least the minimum. Cells of the later item are joined until this is
  ///   true. The training, validation and test sets, whose sizes the readiness report states, are compared in
  ///   the same way.
  /// - Moments are released if they cover at least the minimum of patients and no patient has more than half
  ///   of the squared deviations. Moments are rounded if their count is withheld.
  /// - Intensities are shares of voxels. Each cell holds voxels of at least the minimum of patients, and no
  ///   patient has more than half of the voxels.
  ///
  /// The rules do not cover combinations of three or more items, or differences between releases of changed
  /// data.
  public func released(by rules: ReleaseRules) -> SiteStatistics {
    guard let own, rules.ownFigures else {
      return SiteStatistics(patients: 0, minimum: rules.minimumPatients, items: [])
    }
    return own.released(minimum: rules.minimumPatients)
  }

  public func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> SiteStatistics {
    guard let own, try !isAllowed(PatientSet(own.members)) else { return self }
    return SiteStatistics()
  }

  /// Without a policy, all measurements leave, except the patients behind them.
  public func withoutPatients() -> SiteStatistics { own?.released(minimum: 1) ?? self }
}

extension PatientMeasurements {
  /// The answer that may leave the site. Empty if the patients are too few, or if a list does not have one
  /// entry per patient.
  func released(minimum: Int) -> SiteStatistics {
    let minimum = max(1, minimum)
    let nothing = SiteStatistics(patients: 0, minimum: minimum, items: [])
    guard members.count >= minimum, Set(members).count == members.count,
      items.allSatisfy({ $0.fits(members.count) }), parts.isEmpty || parts.count == members.count
    else { return nothing }
    let cells = separated(items.map { CellPartition($0, minimum: minimum) }, minimum: minimum)
    let released = zip(items, cells).map { item, cells in
      item.profiles.isEmpty ? item.released(cells, minimum: minimum) : item.releasedProfile(minimum: minimum)
    }
    return SiteStatistics(patients: members.count, minimum: minimum, items: released)
  }

  /// The divisions of all items, with cells joined until no subtraction reveals too small a group. Checks
  /// subtractions between two items, and between an item and the readiness report.
  private func separated(_ found: [CellPartition?], minimum: Int) -> [CellPartition?] {
    let told = Item(
      bins: (parts.max() ?? -1) + 1, isOrdered: false, canLack: false, places: parts)
    var kept = [CellPartition(told, minimum: minimum)]
    for var own in found {
      var isChanged = own != nil
      while isChanged {
        isChanged = false
        for earlier in kept {
          while let outer = own, let inner = earlier {
            var search = NestedDifference(outer: outer, inner: inner, minimum: minimum)
            guard let union = search.find() else { break }
            own?.join(across: union)
            isChanged = true
          }
        }
      }
      kept.append(own)
    }
    return Array(kept.dropFirst())
  }
}

extension PatientMeasurements.Item {
  fileprivate func fits(_ patients: Int) -> Bool {
    profiles.isEmpty
      ? places.count == patients && places.allSatisfy { $0 < max(1, bins) }
      : profiles.count == patients && profiles.allSatisfy { $0.count == bins && $0.allSatisfy(\.isFinite) }
  }

  fileprivate func released(_ cells: CellPartition?, minimum: Int) -> ItemStatistics {
    let valued = places.count { $0 >= 0 }
    let range = valued >= 2 * minimum ? range : nil
    // The answer to a question for ranges has no bins and so reveals no counts.
    guard bins > 0, let cells else { return ItemStatistics(range: bins == 0 ? range : nil) }
    var released = ItemStatistics(range: range, cells: cells.released)
    guard let moments, moments.count == valued, valued >= minimum, minimum == 1 || dominance <= 0.5 else {
      return released
    }
    released.areMomentsRounded = !cells.tellsMissing
    released.moments = cells.tellsMissing ? moments : moments.rounded(statingCount: places.count)
    return released
  }

  /// The released shares of voxels. Neighbouring bins are joined, from low to high, until each cell has
  /// enough patients.
  fileprivate func releasedProfile(minimum: Int) -> ItemStatistics {
    var released = ItemStatistics()
    let known = profiles.filter { $0.contains { $0 > 0 } }
    guard known.count >= minimum, known.count == profiles.count else { return released }
    var cells: [Int] = []
    var shares: [Double] = []
    var open = [Double](repeating: 0, count: known.count)
    var isOpen = false
    for bin in 0..<bins {
      for (patient, profile) in known.enumerated() { open[patient] += Double(profile[bin]) }
      cells.append(shares.count)
      isOpen = true
      if Self.isShared(open, minimum: minimum) {
        shares.append(open.reduce(0, +) / Double(known.count))
        open = [Double](repeating: 0, count: known.count)
        isOpen = false
      }
    }
    guard !shares.isEmpty else { return released }
    if isOpen {
      shares[shares.count - 1] += open.reduce(0, +) / Double(known.count)
      cells = cells.map { min($0, shares.count - 1) }
    }
    released.profile = StatisticsProfile(cellOfBin: cells, shares: shares)
    return released
  }

  /// Whether enough patients have voxels in a cell, and no patient has more than half of the cell's voxels.
  private static func isShared(_ parts: [Double], minimum: Int) -> Bool {
    let (most, all) = (parts.max() ?? 0, parts.reduce(0, +))
    return parts.count { $0 > 0 } >= minimum && (most <= all / 2 || minimum == 1)
  }
}
