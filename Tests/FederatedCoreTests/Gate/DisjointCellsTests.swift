import FederatedTesting
import Testing

@testable import FederatedCore

/// Every union of released cells, and every difference of two nested unions, covers enough patients.
struct DisjointCellsTests {
  private func unions(_ cells: [PatientSet]) -> [Set<UInt64>] {
    (0..<(1 << cells.count)).map { choice in
      cells.indices.filter { choice >> $0 & 1 == 1 }.reduce(into: []) { $0.formUnion(cells[$1].members) }
    }
  }

  /// Whether a union lies within one of the other division and differs by fewer than the minimum. Tries all.
  private func tells(_ one: [PatientSet], _ other: [PatientSet], minimum: Int) -> Bool {
    let (first, second) = (unions(one), unions(other))
    return first.contains { large in
      second.contains { $0.isSubset(of: large) && (1..<minimum).contains(large.count - $0.count) }
    }
  }

  private func withRest(_ cells: [PatientSet], of all: PatientSet) -> [PatientSet] {
    let inside = cells.reduce(PatientSet()) { $0.union($1) }
    return cells + [PatientSet(all.members.subtracting(inside.members))]
  }

  @Test func noSubtractionOfAdmittedDivisionsRevealsAFew() {
    var random = RandomStream(seed: 5)
    var (joined, refused) = (0, 0)
    for _ in 0..<300 {
      let minimum = Int.random(in: 2...4, using: &random)
      let all = PatientSet.madeUp(Int.random(in: 8...16, using: &random))
      var cells = DisjointCells(of: all, minimum: minimum)
      var released: [[PatientSet]] = []
      for _ in 0..<3 {
        let width = Int.random(in: 1...2, using: &random)
        var bins = [[PatientSet]](repeating: .init(repeating: PatientSet(), count: width), count: 3)
        for member in all.members.sorted() {
          bins[Int.random(in: 0..<3, using: &random)][Int.random(in: 0..<width, using: &random)]
            .formUnion(PatientSet([member]))
        }
        guard bins.joined().allSatisfy({ $0.count >= minimum }) || Bool.random(using: &random) else {
          continue
        }
        let isAdmitted = cells.admit(bins) { place in
          joined += 1
          bins[place] = zip(bins[place], bins[place + 1]).map { $0.union($1) }
          bins.remove(at: place + 1)
        }
        if isAdmitted { released.append(withRest(bins.flatMap(\.self), of: all)) } else { refused += 1 }
      }
      for one in released {
        for other in released { #expect(!tells(one, other, minimum: minimum)) }
      }
    }
    #expect(joined > 0 && refused > 0)
  }

  /// Whether a division is admitted after others, all of `count` patients.
  private func admits(_ division: [PatientSet], after others: [[PatientSet]], count: Int, minimum: Int)
    -> Bool
  {
    var cells = DisjointCells(of: .madeUp(count), minimum: minimum)
    for other in others { _ = cells.admit(other) }
    return cells.admit(division)
  }

  @Test func aCellWithoutPatientsIsAllowedAndOneWithFewIsNot() {
    #expect(admits([.madeUp(20)], after: [], count: 20, minimum: 10))
    // The two who are outside would be revealed.
    #expect(!admits([.madeUp(18)], after: [], count: 20, minimum: 10))
    #expect(admits(PatientSet.madeUp([10, 10]), after: [[.madeUp(20)]], count: 20, minimum: 10))
    #expect(!admits([.madeUp(12)], after: [[.madeUp(14)]], count: 30, minimum: 10))
  }

  @Test func classesThatShareFewPatientsAreNotAdmittedTogether() {
    var cells = DisjointCells(of: .madeUp(40), minimum: 10)
    let areFew = cells.admit(each: [.madeUp(20), PatientSet((18..<40).map(UInt64.init))])
    let areEnough = cells.admit(each: [.madeUp(20), PatientSet((10..<40).map(UInt64.init))])
    #expect(!areFew && areEnough)
  }

  @Test func setsWithPatientsFromElsewhereAreRefused() {
    #expect(!admits([.madeUp(21)], after: [], count: 20, minimum: 1))
    // The second set contains the first.
    #expect(!admits([.madeUp(3), .madeUp(4)], after: [], count: 20, minimum: 1))
  }
}
