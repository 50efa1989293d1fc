/// The sets of patients about whom a site has released numbers, in all its studies.
///
/// Two numbers about sets that differ by few patients reveal these few by subtraction. The site therefore
/// remembers the sets forever, on its own disk, and releases nothing about a set that is too similar to an
/// earlier one.
public protocol ReleaseHistory: Sendable {
  /// Permanently enters a set before a number about it leaves.
  ///
  /// - Returns: `false` if fewer than `minimum` patients, but at least one, distinguish the set from an
  ///   earlier one. The set is then not entered.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func enter(_ set: PatientSet, minimum: Int) throws -> Bool
}

extension PatientSet {
  /// Whether a subtraction of numbers about the two sets would reveal fewer than `minimum` patients. Equal
  /// sets reveal nobody.
  public func isTooSimilar(to other: PatientSet, minimum: Int) -> Bool {
    guard abs(count - other.count) < minimum else { return false }
    var only = 0
    for member in members where !other.members.contains(member) {
      only += 1
      if only >= minimum { return false }
    }
    // Of the other set's members, all but the common ones are only there.
    let difference = only + other.count - (count - only)
    return (1..<max(1, minimum)).contains(difference)
  }
}

/// A history in memory.
public struct ReleasedSets: Sendable, Equatable {
  public private(set) var sets: Set<PatientSet>

  public init(_ sets: Set<PatientSet> = []) { self.sets = sets }

  /// Whether numbers about the set may leave.
  public func allows(_ set: PatientSet, minimum: Int) -> Bool {
    sets.contains(set) || !sets.contains { $0.isTooSimilar(to: set, minimum: minimum) }
  }

  public mutating func insert(_ set: PatientSet) { sets.insert(set) }
}
