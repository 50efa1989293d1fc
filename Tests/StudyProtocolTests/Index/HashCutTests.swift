import FederatedCore
import Testing

@testable import StudyProtocol

/// The expected sets come from an independent calculation in Python: the first 64 bits of the SHA-256 of salt
/// and name decide.
@Suite struct HashCutTests {
  private func groups(_ count: Int) -> Set<String> { Set((0..<count).map { "patient-\($0)" }) }

  private func counts(_ parts: [String: DataPart]) -> [Int] {
    DataPart.allCases.map { part in parts.values.count { $0 == part } }
  }

  @Test(arguments: [
    (100, 0.2, 0.1, [69, 9, 22], 0), (10, 0.2, 0.1, [8, 1, 1], 1), (3, 0.2, 0.1, [1, 1, 1], 2),
    (3, 0.6, 0.3, [1, 1, 1], 0), (2, 0.2, 0.1, [1, 0, 1], 1), (1, 0.2, 0.1, [1, 0, 0], 0),
    (0, 0.2, 0.1, [0, 0, 0], 0),
  ])
  func eachAskedPartHasAGroup(groups count: Int, test: Double, validation: Double, sizes: [Int], moves: Int) {
    let (parts, moved) = HashCut(test: test, validation: validation, seed: 7).parts(of: groups(count))
    #expect(counts(parts) == sizes)
    #expect(moved.count == moves)
  }

  @Test func nearestGroupMovesToAnEmptySet() {
    // With positions 0.93, 0.31 and 0.70, all three would be in the training set.
    let (parts, moved) = HashCut(test: 0.2, validation: 0.1, seed: 7).parts(of: groups(3))
    #expect(parts == ["patient-0": .training, "patient-1": .test, "patient-2": .validation])
    #expect(moved.map(\.0) == [.test, .validation])
    #expect(moved.map(\.1) == ["patient-1", "patient-2"])
  }

  @Test func positionsMatchTheReferenceHash() {
    let cut = HashCut(test: 0.2, validation: 0.1, seed: 7)
    #expect(abs(cut.position(of: "patient-0") - 0.933823) < 1e-6)
    #expect(abs(cut.position(of: "patient-1") - 0.305259) < 1e-6)
    let local = HashCut(test: 0.2, validation: 0.1, seed: 7, site: SiteID("alpha"))
    #expect(abs(local.position(of: "patient-0") - 0.0173049318116259) < 1e-12)
  }

  /// Four standard errors of a share of 20,000 groups are 1.1 and 0.85 percentage points, respectively.
  @Test(arguments: [1, 2, 3] as [UInt64]) func sharesAreMetInExpectation(seed: UInt64) {
    let sizes = counts(HashCut(test: 0.2, validation: 0.1, seed: seed).parts(of: groups(20_000)).parts)
    #expect(abs(Double(sizes[2]) / 20_000 - 0.2) < 0.0113)
    #expect(abs(Double(sizes[1]) / 20_000 - 0.1) < 0.0085)
  }

  @Test func seedChangesTheSplit() {
    let first = HashCut(test: 0.2, validation: 0.1, seed: 1).parts(of: groups(50)).parts
    #expect(HashCut(test: 0.2, validation: 0.1, seed: 1).parts(of: groups(50)).parts == first)
    #expect(HashCut(test: 0.2, validation: 0.1, seed: 2).parts(of: groups(50)).parts != first)
  }

  @Test func newGroupsDoNotMoveOthers() {
    let cut = HashCut(test: 0.2, validation: 0.1, seed: 3)
    let few = cut.parts(of: groups(100)).parts
    let many = cut.parts(of: groups(1000)).parts
    #expect(few.allSatisfy { many[$0.key] == $0.value })
  }

  @Test func localIdentifiersAreSplitIndependently() {
    let sites = ["alpha", "beta"].map { HashCut(test: 0.5, validation: 0, seed: 3, site: SiteID($0)) }
    let parts = sites.map { $0.parts(of: groups(400)).parts }
    let same = parts[0].count { parts[1][$0.key] == $0.value }
    // Two fair coins agree in half of the cases; the bounds are five standard errors away from one half.
    #expect((150...250).contains(same))
  }
}
