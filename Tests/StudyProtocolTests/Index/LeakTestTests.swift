import Testing

@testable import StudyProtocol

@Suite struct LeakTestTests {
  private static let target = [0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0]

  private func categories(_ inputs: [Int], _ outcomes: [Int] = target) -> [LeakTest.Pair] {
    zip(inputs, outcomes).map { .init(input: .category($0), outcome: .category($1)) }
  }

  private func numbers(_ inputs: [Double], _ outcomes: [Int]) -> [LeakTest.Pair] {
    zip(inputs, outcomes).map { .init(input: .number($0), outcome: .category($1)) }
  }

  @Test func recodedCopyIsALeak() {
    #expect(LeakTest.isRecoded(categories(Self.target)))
    #expect(LeakTest.isRecoded(categories(Self.target.map { 1 - $0 })))
    #expect(LeakTest.isRecoded(numbers(Self.target.map { Double($0) * 100 + 3 }, Self.target)))
    // Subtypes of one disease: each code belongs to one class.
    #expect(LeakTest.isRecoded(categories([0, 1, 2, 0, 1, 0, 0, 2, 0, 2, 1, 0])))
  }

  @Test func imperfectAgreementIsNotALeak() {
    var inputs = Self.target
    inputs[3] = 1
    #expect(!LeakTest.isRecoded(categories(inputs)))
    // Every record has a different value.
    #expect(!LeakTest.isRecoded(categories(Array(0..<12))))
    #expect(!LeakTest.isRecoded(categories(Self.target, [Int](repeating: 1, count: 12))))
  }

  /// One record of eleven can be chosen in only 11 ways, so a match may be chance.
  @Test func rareFindingOfOnePatientIsNotALeak() {
    let one = [1] + [Int](repeating: 0, count: 10)
    #expect(!LeakTest.isRecoded(categories(one, one)))
  }

  @Test func errorlessThresholdIsALeakWithManyRecords() {
    let outcomes = (0..<40).map { $0 < 20 ? 0 : 1 }
    let inputs = (0..<40).map { Double($0) * 1.7 }
    #expect(LeakTest.isCut(numbers(inputs, outcomes)))
    #expect(LeakTest.isCut(numbers(inputs.map { -$0 }, outcomes)))
    #expect(!LeakTest.isCut(numbers(Array(inputs.dropFirst()), Array(outcomes.dropFirst()))))
    var touching = inputs
    touching[19] = touching[20]
    #expect(!LeakTest.isCut(numbers(touching, outcomes)))
  }

  @Test func timeInAnotherUnitIsALeak() {
    let days: [Double] = [30, 61, 200, 365, 700, 900, 31, 44, 90, 1000]
    func pairs(_ change: (Double) -> Double) -> [LeakTest.Pair] {
      days.map { .init(input: .number(change($0)), outcome: .number($0)) }
    }
    #expect(LeakTest.isLinear(pairs { $0 }) && LeakTest.isLinear(pairs { ($0 / 30.4).rounded() }))
    #expect(LeakTest.isLinear(pairs { 2000 - $0 }))
    #expect(!LeakTest.isLinear(pairs { $0 == 30 ? 400 : $0 }) && !LeakTest.isLinear(pairs { _ in 4 }))
  }
}
